#include "coordinator/rounds/engine_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/jobs/spec_words.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {

RoundEngine::State::State(const Parts& parts, const Config& config)
    : context(parts, config, *this),
      preparing(context),
      planning(context),
      recruiting(context),
      collecting(context),
      contributions(context, collecting),
      aggregating(context),
      evaluating(context),
      closing(context),
      watchers(parts.executor, [this](const std::string& job_id) { return StatusOf(job_id, kRoundsShown); }) {
}

void RoundEngine::State::Continue(const std::string& job_id) {
  context.timers.Cancel("retry/" + job_id);
  const absl::Status status = ContinueOrFail(job_id);
  if (!status.ok()) Trouble(job_id, status);
}

absl::Status RoundEngine::State::ContinueOrFail(const std::string& job_id) {
  JobRow job;
  std::vector<RoundRow> rounds;
  RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(job, transaction.GetJob(job_id));
    ASSIGN_OR_RETURN(rounds, transaction.ListRounds(job_id));
    return absl::OkStatus();
  }));
  Changed(job_id);
  switch (job.state) {
    case v1::JOB_STATE_SUBMITTED:
      preparing.Begin(job, submitted_first_attempts);
      return absl::OkStatus();
    case v1::JOB_STATE_PLANNING:
    case v1::JOB_STATE_AWAITING_APPROVAL:
      planning.Begin(job);
      return absl::OkStatus();
    case v1::JOB_STATE_RUNNING:
    case v1::JOB_STATE_PAUSED:
      if (rounds.empty()) return NextRound(job, 0);
      if (rounds.back().state == v1::ROUND_STATE_CLOSED) return NextRound(job, rounds.back().number);
      return ContinueRound(job, rounds.back());
    default:
      return absl::OkStatus();
  }
}

absl::Status RoundEngine::State::ContinueRound(const JobRow& job, const RoundRow& round) {
  switch (round.state) {
    case v1::ROUND_STATE_OPENED:
    case v1::ROUND_STATE_RECRUITING:
      return recruiting.Begin(job, round);
    case v1::ROUND_STATE_TRAINING:
    case v1::ROUND_STATE_COLLECTING:
      return collecting.Begin(job, round);
    case v1::ROUND_STATE_AGGREGATING:
      if (round.aggregation_index < 0) return aggregating.Begin(job, round);
      CloseRound(job.job_id, round.round_id);  // a round without evaluation
      return absl::OkStatus();
    case v1::ROUND_STATE_EVALUATING:
      return evaluating.Begin(job, round);
    default:
      return absl::InternalError(absl::StrCat("a job that goes on has a round that cannot: ",
                                              RoundStateWord(round.state), " (job ", job.job_id, ")"));
  }
}

absl::Status RoundEngine::State::NextRound(const JobRow& job, uint32_t closed) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context.FactsOf(job));
  if (closed >= facts->spec.rounds()) return closing.Complete(job.job_id);
  if (job.state == v1::JOB_STATE_PAUSED || draining) return absl::OkStatus();
  RETURN_IF_ERROR(recruiting.OpenRound(job, closed + 1));
  return ContinueOrFail(job.job_id);
}

void RoundEngine::State::ResumePaused(const std::string& job_id) {
  std::vector<RoundRow> rounds;
  const absl::Status read = context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(rounds, transaction.ListRounds(job_id));
    return absl::OkStatus();
  });
  if (!read.ok()) return Trouble(job_id, read);
  if (rounds.empty() || Ended(rounds.back().state)) return Continue(job_id);
  Changed(job_id);
}

void RoundEngine::State::CloseRound(const std::string& job_id, const std::string& round_id) {
  if (const absl::Status closed = closing.CloseRound(round_id); !closed.ok()) return Trouble(job_id, closed);
  Continue(job_id);
}

void RoundEngine::State::FailJob(const std::string& job_id, const std::string& reason) {
  const absl::Status ended = closing.EndJob(job_id, v1::JOB_STATE_FAILED, reason);
  if (!ended.ok()) Trouble(job_id, ended);
}

void RoundEngine::State::Trouble(const std::string& job_id, const absl::Status& status) {
  const bool waits =
      absl::IsFailedPrecondition(status) && context.parts.sequencer.hold() != Sequencer::Hold::kNone;
  spdlog::log(waits ? spdlog::level::info : spdlog::level::err,
              "round engine: {} (job {}); going on from the stored state in {} s", status.ToString(), job_id,
              absl::ToInt64Seconds(kRetryAfter));
  if (job_id.empty()) return;
  // Not the store but the request is at fault: the same would happen again.
  if (absl::IsInvalidArgument(status) || absl::IsDataLoss(status)) {
    return context.timers.Set("end/" + job_id, absl::ZeroDuration(), [this, job_id, status] {
      FailJob(job_id, absl::StrCat("internal: ", CleanReason(status.message())));
    });
  }
  context.timers.Set("retry/" + job_id, kRetryAfter, [this, job_id] { Continue(job_id); });
}

bool RoundEngine::State::Connected(absl::string_view archive) const {
  return context.parts.nodes.Connected(archive);
}

LiveProgress RoundEngine::State::ProgressOf(absl::string_view participation_id) const {
  LiveProgress progress;
  const LiveTask* task = context.live.Find(participation_id);
  if (task == nullptr) return progress;
  progress.steps_done = task->told.steps_done();
  progress.steps_total = task->told.steps_total();
  progress.bytes_received = task->bytes_received;
  progress.bytes_total = task->bytes_total;
  progress.bytes_per_second = task->rate.BytesPerSecond(context.Now());
  return progress;
}

std::vector<v1::TraditionResult> RoundEngine::State::ResultsOf(const RoundRows& round) const {
  const auto reported =
      static_cast<size_t>(std::count_if(round.evaluations.begin(), round.evaluations.end(),
                                        [](const EvaluationRow& row) { return row.index >= 0; }));
  if (reported == 0) return {};
  KeptResults& kept = results[round.round.round_id];
  if (kept.reported == reported) return kept.results;
  const absl::Status read = context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const JobRow job, transaction.GetJob(round.round.job_id));
    ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context.FactsOf(job));
    ASSIGN_OR_RETURN(kept.results, ReadResults(transaction, *facts, round.round.number, round.evaluations));
    kept.reported = reported;
    return absl::OkStatus();
  });
  if (!read.ok()) spdlog::error("results cannot be read: {}", read.ToString());
  return kept.results;
}

absl::StatusOr<v1::JobStatus> RoundEngine::State::StatusOf(absl::string_view job_id,
                                                           size_t rounds_shown) const {
  JobRows rows;
  RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(rows, ReadJobRows(transaction, job_id, rounds_shown));
    return absl::OkStatus();
  }));
  return BuildJobStatus(rows, *this, context.parts.executor.WallClock());
}

absl::StatusOr<std::vector<JobRow>> RoundEngine::State::ActiveJobRows() const {
  std::vector<JobRow> jobs;
  RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(jobs, transaction.ListJobs());
    return absl::OkStatus();
  }));
  jobs.erase(std::remove_if(jobs.begin(), jobs.end(), [](const JobRow& job) { return Ended(job.state); }),
             jobs.end());
  return jobs;
}

}  // namespace consort::coordinator
