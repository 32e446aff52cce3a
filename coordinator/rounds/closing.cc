#include "coordinator/rounds/closing.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "coordinator/jobs/spec_words.h"
#include "coordinator/rounds/entries.h"
#include "coordinator/rounds/evaluating.h"
#include "coordinator/rounds/offer_check.h"
#include "coordinator/rounds/round_rows.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

absl::Duration LengthOf(const RoundRow& round) {
  return absl::Milliseconds(round.ended_unix_millis - round.opened_unix_millis);
}

void SendCancelled(EngineContext& context, const std::string& archive, const std::string& id,
                   const std::string& reason) {
  v1::Envelope envelope;
  envelope.set_request_id("cancel-" + id);
  envelope.mutable_task_cancelled()->set_id(id);
  envelope.mutable_task_cancelled()->set_reason(reason);
  context.parts.nodes.Send(archive, std::move(envelope));
}

// What was open when a job ended.
struct Abandoned {
  RoundRow round;
  std::vector<ParticipationRow> participations;
  std::vector<EvaluationRow> evaluations;
};

// Ends the newest round if it is open. In the transaction that ends its job.
absl::Status AbandonOpenRound(Transaction& transaction, EntryWriter& entries, const std::string& job_id,
                              const std::string& reason, int64_t now_millis, Abandoned& abandoned) {
  ASSIGN_OR_RETURN(const std::vector<RoundRow> rounds, transaction.ListRounds(job_id));
  if (rounds.empty() || Ended(rounds.back().state)) return absl::OkStatus();
  RoundRow round = rounds.back();
  round.state = v1::ROUND_STATE_ABANDONED;
  round.reason = reason;
  round.ended_unix_millis = now_millis;
  RETURN_IF_ERROR(entries.RoundAbandoned(round, ReasonCode(reason)).status());
  RETURN_IF_ERROR(transaction.Put(round));
  ASSIGN_OR_RETURN(abandoned.participations, transaction.ListParticipations(round.round_id));
  for (const ParticipationRow& open : abandoned.participations) {
    if (Ended(open.state)) continue;
    ParticipationRow participation = open;
    participation.state = v1::PARTICIPATION_STATE_LATE;
    participation.reason = absl::StrCat("round-abandoned: ", ReasonCode(reason));
    RETURN_IF_ERROR(transaction.Put(participation));
  }
  ASSIGN_OR_RETURN(abandoned.evaluations, transaction.ListEvaluations(round.round_id));
  for (const EvaluationRow& asked : abandoned.evaluations) {
    if (asked.state != "asked") continue;
    EvaluationRow evaluation = asked;
    evaluation.state = "failed";
    evaluation.reason = absl::StrCat("round-abandoned: ", ReasonCode(reason));
    RETURN_IF_ERROR(transaction.Put(evaluation));
  }
  abandoned.round = round;
  return absl::OkStatus();
}

}  // namespace

absl::Status Closing::CloseRound(const std::string& round_id) {
  RoundRow round;
  std::vector<ParticipationRow> participations;
  bool stale = false;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(round, transaction.GetRound(round_id));
    stale = Ended(round.state);
    if (stale) return absl::OkStatus();
    ASSIGN_OR_RETURN(participations, transaction.ListParticipations(round_id));
    ASSIGN_OR_RETURN(JobRow job, transaction.GetJob(round.job_id));
    round.state = v1::ROUND_STATE_CLOSED;
    round.ended_unix_millis = context_.WallMillis();
    ++job.rounds_closed;
    RETURN_IF_ERROR(transaction.Put(round));
    return transaction.Put(job);
  }));
  if (stale) return absl::OkStatus();
  ForgetRound(round.job_id, round, participations);
  context_.parts.metrics.RoundEnded("closed");
  context_.parts.metrics.PhaseEnded("round", LengthOf(round));
  RETURN_IF_ERROR(context_.parts.sequencer.Seal().status());
  context_.flow.Changed(round.job_id);
  return absl::OkStatus();
}

int64_t Closing::WitnessDeadline() const {
  return context_.WallMillis() + absl::ToInt64Milliseconds(context_.config.witness_window);
}

absl::Status Closing::EnterRelease(const std::string& job_id) {
  return context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(JobRow job, transaction.GetJob(job_id));
    ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
    ASSIGN_OR_RETURN(const std::vector<RoundRow> rounds, transaction.ListRounds(job_id));
    ASSIGN_OR_RETURN(const std::vector<EvaluationRow> evaluations,
                     transaction.ListEvaluations(rounds.back().round_id));
    ASSIGN_OR_RETURN(const std::vector<v1::TraditionResult> results,
                     ReadResults(transaction, *facts, rounds.back().number, evaluations));
    ASSIGN_OR_RETURN(const std::string base_digest, BaseDigestOf(transaction, job));
    EntryWriter entries(transaction, context_.parts.sequencer);
    ASSIGN_OR_RETURN(const Appended entry, entries.ModelRelease(job, facts->spec, base_digest, results));
    job.release_index = static_cast<int64_t>(entry.index);
    job.planning_deadline_unix_millis = WitnessDeadline();
    return transaction.Put(job);
  });
}

absl::Status Closing::Complete(const std::string& job_id) {
  JobRow job;
  const auto read = [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(job, transaction.GetJob(job_id));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(context_.Transact(read));
  if (Ended(job.state)) return absl::OkStatus();
  if (job.release_index < 0) {
    RETURN_IF_ERROR(EnterRelease(job_id));
    RETURN_IF_ERROR(context_.Transact(read));
  }
  const absl::Status sealed = context_.parts.sequencer.Seal().status();
  if (!sealed.ok() && !absl::IsFailedPrecondition(sealed))
    return sealed;  // on hold: OnSigning comes back here
  if (!context_.parts.witnesses.IsSettled(static_cast<uint64_t>(job.release_index))) {
    return AwaitWitnesses(job);
  }
  job.state = v1::JOB_STATE_COMPLETED;
  job.reason.clear();
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) { return transaction.Put(job); }));
  return TellNodes(job);
}

absl::Status Closing::AwaitWitnesses(const JobRow& job) {
  context_.flow.Changed(job.job_id);
  if (job.state == v1::JOB_STATE_PAUSED) return absl::OkStatus();
  context_.timers.Set("witnesses/" + job.job_id, context_.Until(job.planning_deadline_unix_millis),
                      [this, job_id = job.job_id] {
                        const absl::Status paused = PauseForWitnesses(job_id);
                        if (!paused.ok()) context_.flow.Trouble(job_id, paused);
                      });
  return absl::OkStatus();
}

absl::Status Closing::PauseForWitnesses(const std::string& job_id) {
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(JobRow job, transaction.GetJob(job_id));
    if (job.state != v1::JOB_STATE_RUNNING || job.release_index < 0) return absl::OkStatus();
    const std::vector<std::string> missing =
        context_.parts.witnesses.Missing(static_cast<uint64_t>(job.release_index));
    job.state = v1::JOB_STATE_PAUSED;
    job.reason = absl::StrCat("witnesses-missing: ", absl::StrJoin(missing, ", "));
    spdlog::warn("job paused: {} (job {})", job.reason, job_id);
    return transaction.Put(job);
  }));
  context_.flow.Changed(job_id);
  return absl::OkStatus();
}

absl::Status Closing::EndJob(const std::string& job_id, v1::JobState state, const std::string& reason) {
  JobRow job;
  Abandoned abandoned;
  bool stale = false;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(job, transaction.GetJob(job_id));
    stale = Ended(job.state);
    if (stale) return absl::OkStatus();
    EntryWriter entries(transaction, context_.parts.sequencer);
    RETURN_IF_ERROR(AbandonOpenRound(transaction, entries, job_id, reason, context_.WallMillis(), abandoned));
    const absl::string_view outcome = state == v1::JOB_STATE_CANCELLED ? "cancelled" : "failed";
    RETURN_IF_ERROR(entries.JobEnded(job, outcome, ReasonCode(reason)).status());
    job.state = state;
    job.reason = reason;
    return transaction.Put(job);
  }));
  if (stale) return absl::OkStatus();
  spdlog::info("job ended: {} (job {})", reason, job_id);
  for (const ParticipationRow& participation : abandoned.participations) {
    if (!Ended(participation.state)) {
      SendCancelled(context_, participation.archive, participation.participation_id, reason);
    }
  }
  for (const EvaluationRow& evaluation : abandoned.evaluations) {
    if (evaluation.state == "asked") SendCancelled(context_, evaluation.archive, evaluation.task_id, reason);
  }
  if (!abandoned.round.round_id.empty()) {
    ForgetRound(job_id, abandoned.round, abandoned.participations);
    context_.parts.metrics.RoundEnded("abandoned");
    context_.parts.metrics.PhaseEnded("round", LengthOf(abandoned.round));
  }
  RETURN_IF_ERROR(context_.parts.sequencer.Seal().status());
  return TellNodes(job);
}

void Closing::ForgetRound(const std::string& job_id, const RoundRow& round,
                          const std::vector<ParticipationRow>& participations) {
  std::vector<std::string> spools;
  for (const ParticipationRow& participation : participations) {
    spools.push_back(context_.SpoolPath(participation.participation_id));
  }
  context_.live.ForgetRound(round.round_id);
  context_.timers.CancelAllOf(round.round_id);
  context_.spent_spools.Add(std::move(spools));
  context_.flow.Changed(job_id);
}

absl::Status Closing::TellEnded(const std::string& archive, const std::vector<std::string>& jobs) {
  std::vector<JobRow> ended;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    for (const std::string& job_id : jobs) {
      ASSIGN_OR_RETURN(const std::optional<OfferRow> offer, FindOffer(transaction, job_id, archive));
      if (!offer.has_value()) continue;
      ASSIGN_OR_RETURN(const JobRow job, transaction.GetJob(job_id));
      if (Ended(job.state)) ended.push_back(job);
    }
    return absl::OkStatus();
  }));
  for (const JobRow& job : ended) SendEnded(archive, job);
  return absl::OkStatus();
}

void Closing::SendEnded(const std::string& archive, const JobRow& job) {
  v1::Envelope envelope;
  envelope.set_request_id("ended-" + job.job_id);
  envelope.mutable_job_ended()->set_job_id(job.job_id);
  envelope.mutable_job_ended()->set_state(job.state);
  envelope.mutable_job_ended()->set_reason(job.reason);
  context_.parts.nodes.Send(archive, std::move(envelope));
}

absl::Status Closing::TellNodes(const JobRow& job) {
  std::vector<OfferRow> offers;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(offers, transaction.ListOffers(job.job_id));
    return absl::OkStatus();
  }));
  for (const OfferRow& offer : offers) SendEnded(offer.archive, job);
  context_.spent_spools.Remove();
  context_.ForgetJob(job.job_id);
  context_.timers.CancelAllOf(job.job_id);
  context_.flow.Changed(job.job_id);
  return absl::OkStatus();
}

}  // namespace consort::coordinator
