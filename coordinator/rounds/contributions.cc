#include "coordinator/rounds/contributions.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/jobs/spec_words.h"
#include "coordinator/rounds/contribution_case.h"
#include "coordinator/rounds/entries.h"
#include "coordinator/rounds/round_rows.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {

void Contributions::OnContribution(const std::string& archive, const v1::Envelope& envelope) {
  const absl::Status taken = Take(archive, envelope);
  if (taken.ok()) return;
  const LiveTask* task = context_.live.Find(envelope.contribution().participation_id());
  context_.flow.Trouble(task == nullptr ? std::string() : task->job_id, taken);
}

absl::StatusOr<Contributions::Case> Contributions::ReadCase(const std::string& archive,
                                                            const v1::Envelope& envelope) {
  Case one;
  one.archive = archive;
  one.envelope = envelope;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(one.participation,
                     transaction.GetParticipation(envelope.contribution().participation_id()));
    ASSIGN_OR_RETURN(one.round, transaction.GetRound(one.participation.round_id));
    ASSIGN_OR_RETURN(one.job, transaction.GetJob(one.participation.job_id));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(one.facts, context_.FactsOf(one.job));
  return one;
}

absl::Status Contributions::Take(const std::string& archive, const v1::Envelope& envelope) {
  const std::string& id = envelope.contribution().participation_id();
  absl::StatusOr<Case> read = ReadCase(archive, envelope);
  if (absl::IsNotFound(read.status())) {
    SendVerdict(archive, envelope.request_id(), id, false, "unknown-participation: " + CleanReason(id),
                nullptr);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(read.status());
  const Case& one = *read;
  if (one.participation.archive != archive) return DecideForeign(archive, envelope, one.participation);
  if (one.participation.decision_index >= 0) return RepeatVerdict(one);
  if (!one.open()) return Decide(one, one.ClosedReason());
  LiveTask* task = context_.live.Find(id);
  if (task == nullptr || task->checking) return absl::OkStatus();
  if (const absl::Status claims = CheckClaims(one); !claims.ok())
    return Decide(one, std::string(claims.message()));
  return Inspect(one);
}

// What the entry says must be what round-open said.
absl::Status Contributions::CheckClaims(const Case& one) const {
  ASSIGN_OR_RETURN(const ContributionFacts said, ReadContribution(one.envelope.contribution().envelope()));
  std::string plan_digest;
  RETURN_IF_ERROR(context_.parts.store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<OfferRow> offers, transaction.ListOffers(one.job.job_id));
    for (const OfferRow& offer : offers) {
      if (offer.archive == one.archive) plan_digest = offer.plan_digest;
    }
    return absl::OkStatus();
  }));
  return CompareClaims(one, said, plan_digest);
}

absl::Status Contributions::Inspect(const Case& one) {
  LiveTask& task = *context_.live.Find(one.participation.participation_id);
  const std::string path = context_.SpoolPath(one.participation.participation_id);
  std::error_code missing;
  const uintmax_t bytes = std::filesystem::file_size(path, missing);
  if (missing || bytes != one.facts->in_force(one.round.number).payload_bytes()) {
    task.waiting = one.envelope;  // OnSpoolComplete takes it up; until then the stall clock runs
    return absl::OkStatus();
  }
  task.checking = true;
  const bool hash = task.spool_digest.empty();
  context_.RunBlocking<absl::StatusOr<Inspection>>(
      [path, facts = one.facts, round = one.round.number, weight = one.participation.weight, hash] {
        return InspectUpdate(path, facts->in_force(round), weight, hash);
      },
      [this, archive = one.archive, envelope = one.envelope,
       job_id = one.job.job_id](const absl::StatusOr<Inspection>& inspection) {
        const absl::Status decided = OnInspected(archive, envelope, inspection);
        if (!decided.ok()) context_.flow.Trouble(job_id, decided);
      });
  return absl::OkStatus();
}

absl::Status Contributions::OnInspected(const std::string& archive, const v1::Envelope& envelope,
                                        const absl::StatusOr<Inspection>& inspection) {
  LiveTask* task = context_.live.Find(envelope.contribution().participation_id());
  std::string digest = task == nullptr ? std::string() : task->spool_digest;
  if (task != nullptr) task->checking = false;
  ASSIGN_OR_RETURN(const Case one, ReadCase(archive, envelope));  // the round may have moved on meanwhile
  if (!one.open()) return Decide(one, one.ClosedReason());
  if (!inspection.ok()) {
    if (!absl::IsInvalidArgument(inspection.status())) return inspection.status();
    return Decide(one, std::string(inspection.status().message()));
  }
  if (digest.empty()) digest = inspection->digest;
  ASSIGN_OR_RETURN(const ContributionFacts said, ReadContribution(envelope.contribution().envelope()));
  return Decide(one, PayloadProblem(said, digest, inspection->weight));
}

absl::Status Contributions::Decide(const Case& one, const std::string& problem) {
  const bool accepted = problem.empty();
  const bool was_open = one.open();
  ParticipationRow participation = one.participation;
  Appended contribution;
  std::string reason = accepted ? std::string("ok") : CleanReason(problem);
  std::string fault;
  const absl::Status committed = context_.Transact([&](Transaction& transaction) -> absl::Status {
    const absl::StatusOr<Appended> appended =
        AppendArchiveEntry(transaction, context_.parts.sequencer, ledger::Kind::kContribution, one.archive,
                           one.envelope.contribution().envelope());
    if (!appended.ok()) fault = std::string(SendersFault(appended.status()));
    RETURN_IF_ERROR(appended.status());
    contribution = *appended;
    participation.contribution_index = static_cast<int64_t>(contribution.index);
    EntryWriter entries(transaction, context_.parts.sequencer);
    ASSIGN_OR_RETURN(
        const Appended decision,
        entries.ContributionDecision(one.round, participation, contribution, accepted, ReasonCode(reason)));
    participation.decision_index = static_cast<int64_t>(decision.index);
    if (was_open) {
      participation.state = accepted ? v1::PARTICIPATION_STATE_ACKNOWLEDGED : v1::PARTICIPATION_STATE_REFUSED;
      participation.reason =
          accepted ? std::string() : absl::StrCat(reason, " (", Place(one.round, one.archive), ")");
      if (accepted) {
        ASSIGN_OR_RETURN(const ContributionFacts said,
                         ReadContribution(one.envelope.contribution().envelope()));
        participation.payload_digest = said.update_digest;
        participation.payload_bytes = said.update_bytes;
      }
    }
    return transaction.Put(participation);
  });
  if (!committed.ok()) {
    if (fault.empty()) return committed;
    // An entry that cannot be a leaf: what it says of itself does not count, only that it was refused.
    if (problem.empty() || fault == "bad-signature") {
      reason = FaultReason(committed);
    }
    if (was_open) RETURN_IF_ERROR(RefuseOpen(one.archive, one.round.round_id, reason));
  }
  if (was_open) context_.parts.metrics.UpdateDecided(accepted && committed.ok(), ReasonCode(reason));
  const bool logged = committed.ok();
  if (!accepted || !logged) {
    reason = absl::StrCat(reason, " (", Place(one.round, one.archive), ")");
    spdlog::warn("update refused: {}", reason);
  }
  SendVerdict(one.archive, one.envelope.request_id(), one.participation.participation_id, accepted && logged,
              reason, logged ? &contribution : nullptr);
  return collecting_.Consider(one.round.round_id);
}

// An archive that names another's participation: the other loses nothing, its own part in that round ends.
absl::Status Contributions::DecideForeign(const std::string& archive, const v1::Envelope& envelope,
                                          const ParticipationRow& claimed) {
  const std::string reason = "foreign-participation: participation_id belongs to another archive";
  std::optional<ParticipationRow> own;
  JobRow job;
  RoundRow round;
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(ReadRound(context_, claimed.round_id, job, round, participations));
  for (const ParticipationRow& participation : participations) {
    if (participation.archive == archive) own = participation;
  }
  if (own.has_value() && own->decision_index < 0) {
    Case one{archive, envelope, *own, round, job, nullptr};
    one.envelope.mutable_contribution()->set_participation_id(own->participation_id);
    return Decide(one, reason);
  }
  const std::string said = absl::StrCat(reason, " (", Place(round, archive), ")");
  spdlog::warn("update refused: {}", said);
  context_.parts.metrics.UpdateDecided(false, ReasonCode(reason));
  SendVerdict(archive, envelope.request_id(), claimed.participation_id, false, said, nullptr);
  return absl::OkStatus();
}

absl::Status Contributions::RefuseOpen(const std::string& archive, const std::string& round_id,
                                       const std::string& reason) {
  return context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const RoundRow round, transaction.GetRound(round_id));
    ASSIGN_OR_RETURN(const std::vector<ParticipationRow> participations,
                     transaction.ListParticipations(round_id));
    for (ParticipationRow participation : participations) {
      if (participation.archive != archive || Ended(participation.state)) continue;
      participation.state = v1::PARTICIPATION_STATE_REFUSED;
      participation.reason = absl::StrCat(reason, " (", Place(round, archive), ")");
      RETURN_IF_ERROR(transaction.Put(participation));
    }
    return absl::OkStatus();
  });
}

absl::Status Contributions::RepeatVerdict(const Case& one) {
  Appended contribution;
  contribution.index = static_cast<uint64_t>(one.participation.contribution_index);
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(contribution.index));
    contribution.leaf_hash = leaf.hash;
    return absl::OkStatus();
  }));
  const bool accepted = one.participation.state == v1::PARTICIPATION_STATE_ACKNOWLEDGED;
  SendVerdict(one.archive, one.envelope.request_id(), one.participation.participation_id, accepted,
              accepted ? std::string("ok") : one.participation.reason, &contribution);
  return absl::OkStatus();
}

void Contributions::SendVerdict(const std::string& archive, const std::string& request_id,
                                const std::string& participation_id, bool accepted, const std::string& reason,
                                const Appended* contribution) {
  v1::Envelope envelope;
  envelope.set_request_id(request_id);
  v1::Verdict& verdict = *envelope.mutable_verdict();
  verdict.set_participation_id(participation_id);
  verdict.set_accepted(accepted);
  verdict.set_reason(reason);
  if (contribution != nullptr) {
    absl::StatusOr<std::string> receipt = context_.parts.sequencer.Receipt(*contribution);
    if (receipt.ok()) {
      verdict.set_receipt_envelope(*std::move(receipt));
    } else {
      spdlog::error("no receipt could be made: {}", receipt.status().ToString());
    }
  }
  context_.parts.nodes.Send(archive, std::move(envelope));
}

}  // namespace consort::coordinator
