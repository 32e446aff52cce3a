#include "node/daemon/task_work.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact/safetensors.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "common/update/rounding_key.h"
#include "nlohmann/json.hpp"
#include "node/daemon/failure.h"
#include "node/daemon/round_open_check.h"
#include "node/daemon/update_file.h"

namespace consort::node {
namespace {

constexpr absl::Duration kProgressInterval = absl::Milliseconds(500);  // at most 2 a second
constexpr size_t kKeptArtifacts =
    8;  // base models and newest states of a few jobs; the rest is fetched again
constexpr int kDefaultScoresPerTradition = 32;
constexpr int kMaxMeasures = 96;  // of a tradition: some ten, and one for each class

v1::TaskProgress ProgressOf(const std::string& id, const char* phase) {
  v1::TaskProgress progress;
  progress.set_participation_id(id);
  progress.set_phase(phase);
  return progress;
}

// The coordinator's stall clock looks for change: without the bytes a slow link would look like a dead one.
v1::TaskProgress TransferOf(const std::string& id, const char* phase, uint64_t bytes_done) {
  v1::TaskProgress progress = ProgressOf(id, phase);
  progress.set_bytes_done(bytes_done);
  return progress;
}

// What is remembered about a finished training, so that it is never redone.
std::string TrainedRecord(const std::string& boot_id, double delta_norm) {
  return nlohmann::json{{"boot_id", boot_id}, {"delta_norm_bits", std::bit_cast<uint64_t>(delta_norm)}}
      .dump();
}

std::string PayloadRecord(const PayloadFacts& payload) {
  return nlohmann::json{{"digest", payload.digest}, {"bytes", payload.bytes}}.dump();
}

absl::StatusOr<PayloadFacts> ReadPayloadRecord(const std::string& record) {
  try {
    const auto json = nlohmann::json::parse(record);
    return PayloadFacts{json.at("digest").get<std::string>(), json.at("bytes").get<uint64_t>()};
  } catch (const nlohmann::json::exception&) {
    return absl::DataLossError("stored facts of a payload are damaged");
  }
}

absl::Status CheckFinite(const google::protobuf::RepeatedPtrField<v1::ScorePair>& pairs) {
  for (const v1::ScorePair& pair : pairs) {
    if (!std::isfinite(pair.before()) || !std::isfinite(pair.after())) {
      return FailureStatus(absl::StatusCode::kOutOfRange, kFailureNotFinite, "a score is not a number");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckScores(const v1::EvaluateResult& result, const v1::JobSpec& spec) {
  const uint32_t asked = spec.evaluation().max_recordings_per_tradition();
  const int cap = asked == 0 ? kDefaultScoresPerTradition : static_cast<int>(asked);
  for (const v1::TraditionScores& tradition : result.scores()) {
    if (tradition.pairs_size() > cap) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the trainer gave more scores for a tradition than the job allows: ", tradition.pairs_size(),
          ", at most ", cap));
    }
    RETURN_IF_ERROR(CheckFinite(tradition.pairs()));
    const bool finite = std::all_of(tradition.personal().begin(), tradition.personal().end(),
                                    [](double score) { return std::isfinite(score); });
    if (!finite) {
      return FailureStatus(absl::StatusCode::kOutOfRange, kFailureNotFinite, "a score is not a number");
    }
    if (tradition.yardstick_size() > cap || tradition.personal_size() > tradition.pairs_size() ||
        tradition.measures_size() > kMaxMeasures) {
      return absl::InvalidArgumentError("the trainer gave more measures of a tradition than may be told");
    }
    for (const v1::MeasureScores& measure : tradition.measures()) {
      if (measure.pairs_size() > cap) {
        return absl::InvalidArgumentError("the trainer gave more scores of a measure than the job allows");
      }
      RETURN_IF_ERROR(CheckFinite(measure.pairs()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

TaskWork::TaskWork(Identity identity, Trainer& trainer, Transfer& transfer, ArtifactStore& artifacts,
                   const TaskStore& tasks, const Executor& clock)
    : identity_(std::move(identity)),
      trainer_(trainer),
      transfer_(transfer),
      artifacts_(artifacts),
      tasks_(tasks),
      clock_(clock) {}

bool TaskWork::TrainerAnswers() { return trainer_.Describe().ok(); }

absl::StatusOr<v1::PlanResponse> TaskWork::Plan(const std::string& spec) { return trainer_.Plan(spec); }

absl::StatusOr<PayloadFacts> TaskWork::Train(const v1::TrainTask& task, Cancellation& cancellation,
                                             const Report& report) {
  const std::string& id = task.participation_id();
  if (const auto record = tasks_.Read(id, Record::kPayload); record.ok()) return ReadPayloadRecord(*record);
  ASSIGN_OR_RETURN(const Manifest manifest, Manifest::Parse(task.manifest()));
  const Report throttled = Throttled(report);

  // Encoded before the process was killed, the facts not yet written down.
  if (auto stored = StoredPayload(tasks_.PayloadPath(id), manifest); stored.ok())
    return KeepFacts(id, *stored);
  absl::StatusOr<double> norm = StoredNorm(task, manifest);
  if (!norm.ok()) norm = TrainValues(task, manifest, cancellation, throttled);
  RETURN_IF_ERROR(norm.status());

  throttled(ProgressOf(id, "encoding"));
  const EncodeTerms terms{task.weight(), *norm,
                          RoundingKey(Sha256Hex(task.spec()), task.number(), identity_.archive)};
  ASSIGN_OR_RETURN(const PayloadFacts payload,
                   EncodePayload(tasks_.ValuesPath(id), tasks_.PayloadPath(id), manifest, terms));
  return KeepFacts(id, payload);
}

absl::StatusOr<PayloadFacts> TaskWork::KeepFacts(const std::string& id, const PayloadFacts& payload) const {
  RETURN_IF_ERROR(tasks_.Write(id, Record::kPayload, PayloadRecord(payload)));
  return payload;
}

// The norm of values that are all there from before a restart of this process. Errors: NotFound otherwise.
absl::StatusOr<double> TaskWork::StoredNorm(const v1::TrainTask& task, const Manifest& manifest) const {
  const std::string& id = task.participation_id();
  ASSIGN_OR_RETURN(const std::string record, tasks_.Read(id, Record::kTrained));
  std::error_code error;
  const auto bytes = std::filesystem::file_size(tasks_.ValuesPath(id), error);
  // The weight comes behind the values when all of them are encoded, just before the file gets its new name.
  const uint64_t payload_bytes = manifest.payload_bytes();
  if (error || bytes < payload_bytes - sizeof(uint32_t) || bytes > payload_bytes)
    return absl::NotFoundError("no values stored");
  try {
    const auto json = nlohmann::json::parse(record);
    if (identity_.boot_id.empty() || json.at("boot_id") != identity_.boot_id) {
      return absl::NotFoundError("values were stored before the machine started");
    }
    return std::bit_cast<double>(json.at("delta_norm_bits").get<uint64_t>());
  } catch (const nlohmann::json::exception&) {
    return absl::NotFoundError("stored facts of a training are damaged");
  }
}

absl::StatusOr<double> TaskWork::TrainValues(const v1::TrainTask& task, const Manifest& manifest,
                                             Cancellation& cancellation, const Report& report) {
  const std::string& id = task.participation_id();
  TrainerArtifacts paths;
  ASSIGN_OR_RETURN(paths.base_path, Fetch(task.base_model_digest(), id, cancellation, report));
  ASSIGN_OR_RETURN(const std::string state, FetchState(task, cancellation, report));
  if (task.state_digest() != task.base_model_digest()) paths.state_path = state;
  ASSIGN_OR_RETURN(const std::string tensor_digest, TensorDigestOfFile(state));
  if (tensor_digest != task.base_digest()) {
    return FailureStatus(absl::StatusCode::kDataLoss, kFailureDamaged,
                         "the state's tensors are not those that the round starts from");
  }

  v1::TrainHeader header;
  header.set_spec(task.spec());
  header.set_manifest(task.manifest());
  header.set_round_id(task.round_id());
  header.set_round_number(task.number());
  header.set_archive(identity_.archive);
  ASSIGN_OR_RETURN(const std::vector<v1::TraditionWeight> traditions,
                   TraditionsToTrain(task, identity_.archive));
  header.mutable_traditions()->Assign(traditions.begin(), traditions.end());
  RETURN_IF_ERROR(tasks_.TakeSpare(id));
  ASSIGN_OR_RETURN(const auto values, ValuesWriter::Create(tasks_.ValuesPath(id), manifest));
  const auto on_progress = [&id, &report](const v1::TrainProgress& step) {
    v1::TaskProgress progress = ProgressOf(id, "training");
    progress.set_steps_done(step.steps_done());
    progress.set_steps_total(step.steps_total());
    progress.set_loss(step.loss());
    report(progress);
  };
  const auto take = [&values](absl::Span<const float> block) { return values->Add(block); };
  ASSIGN_OR_RETURN(const v1::TrainResult result,
                   trainer_.Train(header, paths, on_progress, take, cancellation));
  ASSIGN_OR_RETURN(const double norm, values->Finish());
  RETURN_IF_ERROR(tasks_.Write(id, Record::kResult, result.SerializeAsString()));
  RETURN_IF_ERROR(tasks_.Write(id, Record::kTrained, TrainedRecord(identity_.boot_id, norm)));
  return norm;
}

absl::Status TaskWork::Upload(const v1::TrainTask& task, const PayloadFacts& payload,
                              Cancellation& cancellation, const Report& report) {
  const std::string& id = task.participation_id();
  const Report throttled = Throttled(report);
  return transfer_.Upload(id, tasks_.PayloadPath(id), payload, cancellation,
                          [&](uint64_t done, uint64_t) { throttled(TransferOf(id, "uploading", done)); });
}

absl::StatusOr<Evaluated> TaskWork::Evaluate(const v1::EvaluateTask& task, Cancellation& cancellation,
                                             const Report& report) {
  const std::string& id = task.task_id();
  const Report throttled = Throttled(report);
  TrainerArtifacts paths;
  ASSIGN_OR_RETURN(paths.base_path, Fetch(task.base_model_digest(), id, cancellation, throttled));
  if (!task.before_state_digest().empty()) {
    ASSIGN_OR_RETURN(paths.before_path, Fetch(task.before_state_digest(), id, cancellation, throttled));
  }
  ASSIGN_OR_RETURN(paths.after_path, Fetch(task.after_state_digest(), id, cancellation, throttled));
  Evaluated evaluated;
  ASSIGN_OR_RETURN(evaluated.before_digest,
                   TensorDigestOfFile(paths.before_path.empty() ? paths.base_path : paths.before_path));
  ASSIGN_OR_RETURN(evaluated.after_digest, TensorDigestOfFile(paths.after_path));

  if (const auto stored = tasks_.Read(id, Record::kScores);
      stored.ok() && evaluated.result.ParseFromString(*stored)) {
    return evaluated;
  }
  v1::EvaluateHeader header;
  header.set_spec(task.spec());
  header.set_round_id(task.round_id());
  header.set_round_number(task.number());
  header.set_archive(identity_.archive);
  header.set_write_listening_files(task.write_listening_files());
  const auto on_progress = [&id, &throttled](const v1::TrainProgress& step) {
    v1::TaskProgress progress = ProgressOf(id, "evaluating");
    progress.set_steps_done(step.steps_done());
    progress.set_steps_total(step.steps_total());
    throttled(progress);
  };
  ASSIGN_OR_RETURN(evaluated.result, trainer_.Evaluate(header, paths, on_progress, cancellation));
  v1::JobSpec spec;
  if (!spec.ParseFromString(task.spec()))
    return absl::InvalidArgumentError("the job's specification does not parse");
  RETURN_IF_ERROR(CheckScores(evaluated.result, spec));
  RETURN_IF_ERROR(tasks_.Write(id, Record::kScores, evaluated.result.SerializeAsString()));
  return evaluated;
}

absl::StatusOr<std::string> TaskWork::Fetch(const std::string& digest, const std::string& id,
                                            Cancellation& cancellation, const Report& report) {
  recent_.erase(std::remove(recent_.begin(), recent_.end(), digest), recent_.end());
  recent_.push_front(digest);
  ForgetOldArtifacts();
  RETURN_IF_ERROR(transfer_.Fetch(digest, artifacts_, cancellation, [&](uint64_t done, uint64_t) {
    report(TransferOf(id, "downloading", done));
  }));
  return artifacts_.PathOf(digest);
}

absl::StatusOr<std::string> TaskWork::FetchState(const v1::TrainTask& task, Cancellation& cancellation,
                                                 const Report& report) {
  const auto earlier = std::find_if(states_.begin(), states_.end(),
                                    [&task](const auto& state) { return state.first == task.job_id(); });
  if (earlier != states_.end()) {
    const std::string digest = earlier->second;
    states_.erase(earlier);
    const bool needed = digest == task.state_digest() || digest == task.base_model_digest();
    // One that cannot be removed now is removed with the old artifacts.
    if (!needed) artifacts_.Remove(digest).IgnoreError();
  }
  states_.emplace_front(task.job_id(), task.state_digest());
  if (states_.size() > kKeptArtifacts) states_.pop_back();
  return Fetch(task.state_digest(), task.participation_id(), cancellation, report);
}

TaskWork::Report TaskWork::Throttled(const Report& report) {
  struct State {
    absl::Duration last = -absl::InfiniteDuration();
    std::string phase;
  };
  return [this, report, state = std::make_shared<State>()](const v1::TaskProgress& progress) {
    const absl::Duration now = clock_.Monotonic();
    if (now - state->last < kProgressInterval && progress.phase() == state->phase) return;
    state->last = now;
    state->phase = progress.phase();
    report(progress);
  };
}

void TaskWork::ForgetOldArtifacts() {
  if (recent_.size() <= kKeptArtifacts) return;
  recent_.resize(kKeptArtifacts);
  for (const std::string& digest : artifacts_.List()) {
    if (std::find(recent_.begin(), recent_.end(), digest) != recent_.end()) continue;
    // One that cannot be removed now is removed with the next; the disk's fullness is seen by who writes.
    artifacts_.Remove(digest).IgnoreError();
  }
}

}  // namespace consort::node
