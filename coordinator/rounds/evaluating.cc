#include "coordinator/rounds/evaluating.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/random.h"
#include "common/measure/primary_measure.h"
#include "common/status/macros.h"
#include "coordinator/rounds/archive_entries.h"
#include "coordinator/rounds/entries.h"
#include "coordinator/rounds/entry_outcome.h"
#include "coordinator/rounds/evaluation_check.h"
#include "coordinator/rounds/offer_check.h"
#include "coordinator/rounds/round_rows.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

constexpr char kAsked[] = "asked";
constexpr char kReported[] = "reported";
constexpr char kFailed[] = "failed";

std::string LimitTimer(const std::string& round_id) { return "evaluating/" + round_id; }
std::string QuietTimer(const std::string& round_id) { return "evaluating-quiet/" + round_id; }

struct EvaluationRows {
  JobRow job;
  RoundRow round;
  std::vector<EvaluationRow> evaluations;
};

absl::StatusOr<EvaluationRows> Read(EngineContext& context, const std::string& round_id) {
  EvaluationRows rows;
  RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(rows.round, transaction.GetRound(round_id));
    ASSIGN_OR_RETURN(rows.job, transaction.GetJob(rows.round.job_id));
    ASSIGN_OR_RETURN(rows.evaluations, transaction.ListEvaluations(round_id));
    return absl::OkStatus();
  }));
  return rows;
}

absl::StatusOr<EvaluationRow> FindEvaluation(Transaction& transaction, const std::string& round_id,
                                             const std::string& archive) {
  ASSIGN_OR_RETURN(const std::vector<EvaluationRow> evaluations, transaction.ListEvaluations(round_id));
  for (const EvaluationRow& evaluation : evaluations) {
    if (evaluation.archive == archive) return evaluation;
  }
  return absl::NotFoundError("no such evaluation");
}

}  // namespace

absl::Status AskCohort(Transaction& transaction, const RoundRow& round,
                       const std::vector<ParticipationRow>& participations) {
  for (const ParticipationRow& participation : participations) {
    const bool in_cohort = participation.weight > 0;
    if (!in_cohort || participation.state == v1::PARTICIPATION_STATE_WITHDRAWN) continue;
    EvaluationRow evaluation;
    evaluation.round_id = round.round_id;
    evaluation.archive = participation.archive;
    evaluation.job_id = round.job_id;
    evaluation.task_id = RandomId();
    evaluation.state = kAsked;
    RETURN_IF_ERROR(transaction.Put(evaluation));
  }
  return absl::OkStatus();
}

absl::Status Evaluating::Begin(const JobRow& job, const RoundRow& round) {
  ASSIGN_OR_RETURN(const EvaluationRows rows, Read(context_, round.round_id));
  for (const EvaluationRow& evaluation : rows.evaluations) {
    if (evaluation.state != kAsked) continue;
    LiveTask& task = context_.live.Start(evaluation.task_id, evaluation.archive, job.job_id, round.round_id,
                                         context_.Now());
    task.last_progress = context_.Now();
    RETURN_IF_ERROR(SendTask(job, round, evaluation));
  }
  context_.timers.Set(LimitTimer(round.round_id), context_.Until(round.deadline_unix_millis),
                      [this, job_id = job.job_id, round_id = round.round_id] {
                        const absl::Status over = FailOpen(round_id, "late: no evaluation at the deadline");
                        if (!over.ok()) context_.flow.Trouble(job_id, over);
                      });
  context_.flow.Changed(job.job_id);
  return Consider(round.round_id);
}

absl::Status Evaluating::Resend(const JobRow& job, const RoundRow& round, const std::string& archive) {
  ASSIGN_OR_RETURN(const EvaluationRows rows, Read(context_, round.round_id));
  for (const EvaluationRow& evaluation : rows.evaluations) {
    if (evaluation.archive != archive || evaluation.state != kAsked) continue;
    if (LiveTask* task = context_.live.Find(evaluation.task_id); task != nullptr)
      task->last_progress = context_.Now();
    RETURN_IF_ERROR(SendTask(job, round, evaluation));
  }
  return absl::OkStatus();
}

absl::Status Evaluating::SendTask(const JobRow& job, const RoundRow& round, const EvaluationRow& evaluation) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  ASSIGN_OR_RETURN(const CheckpointRow checkpoint,
                   context_.heads.Covering(static_cast<uint64_t>(round.aggregation_index)));
  v1::Envelope envelope;
  envelope.set_request_id("evaluate-" + evaluation.task_id);
  v1::EvaluateTask& task = *envelope.mutable_evaluate_task();
  task.set_task_id(evaluation.task_id);
  task.set_round_id(round.round_id);
  task.set_job_id(round.job_id);
  task.set_number(round.number);
  task.set_spec(facts->spec_bytes);
  task.set_base_model_digest(facts->spec.base_model_digest());
  task.set_after_state_digest(round.result_artifact);
  task.set_write_listening_files(round.number >= facts->spec.rounds());
  ASSIGN_OR_RETURN(*task.mutable_head(), context_.heads.For(evaluation.archive, checkpoint));
  context_.parts.nodes.Send(evaluation.archive, std::move(envelope));
  return absl::OkStatus();
}

void Evaluating::OnReport(const std::string& archive, const v1::Envelope& envelope) {
  const LiveTask* task = context_.live.Find(envelope.evaluation_report().task_id());
  const std::string job_id = task == nullptr ? std::string() : task->job_id;
  const bool ours = task != nullptr && task->archive == archive;
  const absl::Status status = ours ? Take(archive, task->round_id, envelope) : TakeLate(archive, envelope);
  if (!status.ok()) context_.flow.Trouble(job_id, status);
}

absl::Status Evaluating::Answer(const std::string& archive, const v1::Envelope& envelope,
                                const absl::StatusOr<Appended>& appended) {
  if (!appended.ok() && SendersFault(appended.status()).empty()) return appended.status();
  context_.parts.nodes.Send(archive, OutcomeOf(context_.parts.sequencer, envelope.request_id(),
                                               envelope.evaluation_report().envelope(), appended));
  return absl::OkStatus();
}

absl::Status Evaluating::TakeLate(const std::string& archive, const v1::Envelope& envelope) {
  absl::StatusOr<Appended> entry = absl::InternalError("not tried");
  const absl::Status status = context_.Transact([&](Transaction& transaction) -> absl::Status {
    entry = AppendArchiveEntry(transaction, context_.parts.sequencer, ledger::Kind::kEvaluation, archive,
                               envelope.evaluation_report().envelope());
    return entry.status();
  });
  if (!status.ok()) entry = status;
  return Answer(archive, envelope, entry);
}

absl::Status Evaluating::Take(const std::string& archive, const std::string& round_id,
                              const v1::Envelope& envelope) {
  const std::string& report = envelope.evaluation_report().envelope();
  ASSIGN_OR_RETURN(const EvaluationRows rows, Read(context_, round_id));
  if (rows.round.state != v1::ROUND_STATE_EVALUATING) return TakeLate(archive, envelope);
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(rows.job));
  absl::StatusOr<Appended> entry = absl::InternalError("not tried");
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(EvaluationRow row, FindEvaluation(transaction, round_id, archive));
    entry =
        AppendArchiveEntry(transaction, context_.parts.sequencer, ledger::Kind::kEvaluation, archive, report);
    if (!entry.ok() && SendersFault(entry.status()).empty()) return entry.status();
    if (row.state != kAsked) return absl::OkStatus();
    absl::Status good =
        entry.ok() ? absl::OkStatus() : absl::InvalidArgumentError(FaultReason(entry.status()));
    if (good.ok()) {
      ASSIGN_OR_RETURN(const std::string base_digest, BaseDigestOf(transaction, rows.job));
      ASSIGN_OR_RETURN(const std::optional<OfferRow> offer, FindOffer(transaction, rows.job.job_id, archive));
      v1::Plan plan;
      if (!offer.has_value() || !plan.ParseFromString(offer->plan))
        return absl::DataLossError("no approved plan");
      const absl::StatusOr<EvaluationFacts> said = ReadEvaluation(report);
      good = said.ok() ? CheckEvaluation(*facts, rows.round, base_digest, plan, *said) : said.status();
    }
    row.index = good.ok() ? static_cast<int64_t>(entry->index) : -1;
    row.state = good.ok() ? kReported : kFailed;
    row.reason = good.ok() ? std::string() : CleanReason(good.message());
    return transaction.Put(row);
  }));
  if (!entry.ok()) {
    spdlog::warn("evaluation refused: {} ({})", FaultReason(entry.status()), Place(rows.round, archive));
  }
  RETURN_IF_ERROR(Answer(archive, envelope, entry));
  return Consider(round_id);
}

absl::Status Evaluating::OnFailure(const std::string& round_id, const std::string& archive,
                                   const std::string& code, const std::string& detail) {
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(EvaluationRow row, FindEvaluation(transaction, round_id, archive));
    if (row.state != kAsked) return absl::OkStatus();
    row.state = kFailed;
    row.reason = absl::StrCat(CleanReason(code), ": ", CleanReason(detail));
    return transaction.Put(row);
  }));
  return Consider(round_id);
}

absl::Status Evaluating::FailOpen(const std::string& round_id, const std::string& reason) {
  ASSIGN_OR_RETURN(EvaluationRows rows, Read(context_, round_id));
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    for (EvaluationRow& row : rows.evaluations) {
      if (row.state != kAsked) continue;
      row.state = kFailed;
      row.reason = reason;
      RETURN_IF_ERROR(transaction.Put(row));
    }
    return absl::OkStatus();
  }));
  return Consider(round_id);
}

// The round closes when nobody is asked any more. An archive without progress for stall_seconds, away or not,
// is given up: its training counted, only its scores are missing.
absl::Status Evaluating::Consider(const std::string& round_id) {
  ASSIGN_OR_RETURN(const EvaluationRows rows, Read(context_, round_id));
  if (rows.round.state != v1::ROUND_STATE_EVALUATING) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(rows.job));
  const absl::Duration stall = absl::Seconds(facts->spec.stall_seconds());
  absl::Duration next = absl::InfiniteDuration();
  bool open = false;
  for (const EvaluationRow& row : rows.evaluations) {
    if (row.state != kAsked) continue;
    const LiveTask* task = context_.live.Find(row.task_id);
    const absl::Duration idle = task == nullptr ? stall : context_.Now() - task->last_progress;
    if (idle >= stall) {
      return OnFailure(round_id, row.archive,
                       context_.parts.nodes.Connected(row.archive) ? "stalled" : "gone",
                       absl::StrCat("no progress for ", facts->spec.stall_seconds(), " s"));
    }
    open = true;
    next = std::min(next, stall - idle);
  }
  if (open) {
    context_.timers.Set(QuietTimer(round_id), std::max(next, absl::Seconds(1)),
                        [this, job_id = rows.job.job_id, round_id] {
                          const absl::Status status = Consider(round_id);
                          if (!status.ok()) context_.flow.Trouble(job_id, status);
                        });
    return absl::OkStatus();
  }
  context_.timers.Cancel(LimitTimer(round_id));
  context_.timers.Cancel(QuietTimer(round_id));
  context_.parts.metrics.PhaseEnded("evaluating", context_.parts.executor.WallClock() -
                                                      absl::FromUnixMillis(rows.round.deadline_unix_millis) +
                                                      absl::Seconds(facts->spec.deadline_seconds()));
  context_.flow.CloseRound(rows.job.job_id, round_id);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::TraditionResult>> ReadResults(Transaction& transaction, const JobFacts& facts,
                                                             uint32_t round_number,
                                                             const std::vector<EvaluationRow>& evaluations) {
  std::vector<ArchiveScores> scores;
  for (const EvaluationRow& row : evaluations) {
    if (row.state != kReported || row.index < 0) continue;
    ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(static_cast<uint64_t>(row.index)));
    ASSIGN_OR_RETURN(EvaluationFacts said, ReadEvaluation(leaf.body));
    scores.push_back({row.archive, std::move(said.scores)});
  }
  std::vector<v1::TraditionResult> results =
      TraditionResults(scores, facts.spec.evaluation().interval_level(),
                       BootstrapSeedMaterial(facts.job_digest, round_number));
  const absl::string_view measure = PrimaryMeasure(facts.spec.architecture());
  for (v1::TraditionResult& result : results) result.set_measure(std::string(measure));
  return results;
}

}  // namespace consort::coordinator
