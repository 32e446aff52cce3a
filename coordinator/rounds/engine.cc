#include "coordinator/rounds/engine.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/session/protocol.h"
#include "coordinator/rounds/engine_state.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

// A transfer that waits longer than this for the executor is told to try again.
constexpr std::chrono::seconds kIntakeWait(20);

}  // namespace

RoundEngine::RoundEngine(const Parts& parts, const Config& config)
    : state_(std::make_unique<State>(parts, config)) {}
RoundEngine::~RoundEngine() = default;

void RoundEngine::Drain() { state_->draining = true; }
bool RoundEngine::draining() const { return state_->draining; }

void RoundEngine::OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) {
  state_->context.heads.Knows(archive, hello.head_size());
  const auto count = std::min<size_t>(static_cast<size_t>(hello.open_jobs_size()), session::kMaxOpenJobs);
  absl::Status sent =
      state_->closing.TellEnded(archive, {hello.open_jobs().begin(), hello.open_jobs().begin() + count});
  if (sent.ok()) sent = state_->SendOpenWork(archive);
  // On hold: sent when the log signs again.
  if (sent.ok() || state_->context.parts.sequencer.hold() != Sequencer::Hold::kNone) return;
  spdlog::error("open work cannot be sent again: {} (archive {})", sent.ToString(), archive);
}

void RoundEngine::OnSessionResumed(const std::string& archive) {
  for (const std::string& id : state_->context.live.TasksOf(archive)) {
    state_->collecting.NoteProgress(*state_->context.live.Find(id));
  }
}

void RoundEngine::OnSessionGone(const std::string& archive) {
  state_->context.NoteGone(archive);
  for (const std::string& id : state_->context.live.TasksOf(archive)) {
    state_->Changed(state_->context.live.Find(id)->job_id);
  }
}

void RoundEngine::OnMessage(const std::string& archive, const v1::Envelope& envelope) {
  switch (envelope.body_case()) {
    case v1::Envelope::kOfferAnswer:
      return state_->planning.OnAnswer(archive, envelope);
    case v1::Envelope::kRoundAnswer:
      return state_->recruiting.OnAnswer(archive, envelope.round_answer());
    case v1::Envelope::kTaskProgress:
      return state_->OnProgress(archive, envelope.task_progress());
    case v1::Envelope::kContribution:
      return state_->contributions.OnContribution(archive, envelope);
    case v1::Envelope::kEvaluationReport:
      return state_->evaluating.OnReport(archive, envelope);
    case v1::Envelope::kTaskFailure:
      return state_->OnTaskFailure(archive, envelope.task_failure());
    case v1::Envelope::kWitnessAnswer:  // of other listeners
    case v1::Envelope::kStaffEntry:
    case v1::Envelope::kKeyRotation:
    case v1::Envelope::kIncidentReport:
      return;
    default:
      spdlog::warn("a message of a kind that nodes do not send was dropped: {} (archive {})",
                   static_cast<int>(envelope.body_case()), archive);
  }
}

absl::StatusOr<std::string> RoundEngine::OpenSpoolHere(const std::string& archive,
                                                       const std::string& participation_id,
                                                       uint64_t total_bytes) {
  return state_->contributions.OpenSpool(archive, participation_id, total_bytes);
}

absl::StatusOr<std::string> RoundEngine::OpenSpool(const std::string& archive,
                                                   const std::string& participation_id,
                                                   uint64_t total_bytes) {
  auto answer = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
  std::future<absl::StatusOr<std::string>> wait = answer->get_future();
  state_->context.parts.executor.Post(
      [this, alive = state_->context.alive(), answer, archive, participation_id, total_bytes] {
        if (alive.lock() == nullptr)
          return answer->set_value(absl::UnavailableError("the coordinator is ending"));
        answer->set_value(OpenSpoolHere(archive, participation_id, total_bytes));
      });
  if (wait.wait_for(kIntakeWait) != std::future_status::ready) {
    return absl::UnavailableError(
        absl::StrCat("the coordinator is busy; continue the transfer later (node ", archive, ")"));
  }
  return wait.get();
}

void RoundEngine::OnSpoolProgress(const std::string& participation_id, uint64_t committed_bytes) {
  {
    MutexLock lock(state_->spool_mutex);
    const bool posted = !state_->spool_progress.empty();
    state_->spool_progress[participation_id] = committed_bytes;
    if (posted) return;
  }
  state_->context.parts.executor.Post([this, alive = state_->context.alive()] {
    if (alive.lock() == nullptr) return;
    std::map<std::string, uint64_t> progress;
    {
      MutexLock lock(state_->spool_mutex);
      progress.swap(state_->spool_progress);
    }
    for (const auto& [id, bytes] : progress) state_->contributions.OnSpoolProgress(id, bytes);
  });
}

void RoundEngine::OnSpoolTrouble(const std::string& participation_id, const std::string& problem) {
  state_->context.parts.executor.Post([this, alive = state_->context.alive(), participation_id, problem] {
    if (alive.lock() != nullptr) state_->contributions.OnSpoolTrouble(participation_id, problem);
  });
}

void RoundEngine::OnSpoolComplete(const std::string& participation_id, const std::string& digest) {
  state_->context.parts.executor.Post([this, alive = state_->context.alive(), participation_id, digest] {
    if (alive.lock() != nullptr) state_->contributions.OnSpoolComplete(participation_id, digest);
  });
}

absl::StatusOr<RoundEngine::WatchId> RoundEngine::Watch(absl::string_view job_id,
                                                        std::function<void(const v1::JobStatus&)> take) {
  return state_->watchers.Watch(std::string(job_id), std::move(take), kMaxWatchers);
}

void RoundEngine::Unwatch(WatchId watch) { state_->watchers.Unwatch(watch); }

}  // namespace consort::coordinator
