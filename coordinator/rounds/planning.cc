#include "coordinator/rounds/planning.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "coordinator/rounds/archive_entries.h"
#include "coordinator/rounds/entries.h"
#include "coordinator/rounds/entry_outcome.h"
#include "coordinator/rounds/offer_check.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

std::string WindowTimer(const std::string& job_id) { return "planning/" + job_id; }
std::string QuietTimer(const std::string& job_id) { return "planning-quiet/" + job_id; }

bool Answered(const OfferRow& offer) {
  return offer.state == v1::OFFER_STATE_APPROVED || offer.state == v1::OFFER_STATE_REFUSED ||
         offer.state == v1::OFFER_STATE_AWAITING_APPROVAL;
}

// How the answers stand.
struct Tally {
  uint32_t approved = 0;
  uint32_t waiting = 0;  // for their staff
  bool all_answered = true;
  bool someone_awaited = false;  // one who has not answered and may be about to
  std::vector<std::string> missing;
};

Tally Count(const std::vector<OfferRow>& offers, const EngineContext& context) {
  Tally tally;
  for (const OfferRow& offer : offers) {
    tally.approved += offer.state == v1::OFFER_STATE_APPROVED;
    tally.waiting += offer.state == v1::OFFER_STATE_AWAITING_APPROVAL;
    if (offer.state != v1::OFFER_STATE_APPROVED) tally.missing.push_back(offer.archive);
    if (Answered(offer)) continue;
    tally.all_answered = false;
    tally.someone_awaited = tally.someone_awaited || context.Awaited(offer.archive);
  }
  return tally;
}

}  // namespace

void Planning::Begin(const JobRow& job) {
  const absl::StatusOr<std::shared_ptr<const JobFacts>> facts = context_.FactsOf(job);
  if (!facts.ok()) return context_.flow.Trouble(job.job_id, facts.status());
  std::vector<OfferRow> offers;
  JobRow planned;
  bool opened_now = false;
  absl::Status status = context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(offers, transaction.ListOffers(job.job_id));
    ASSIGN_OR_RETURN(planned, transaction.GetJob(job.job_id));
    opened_now = planned.planning_deadline_unix_millis == 0;
    if (!opened_now) return absl::OkStatus();
    planned.planning_deadline_unix_millis =
        context_.WallMillis() + int64_t{1000} * (*facts)->spec.recruiting_seconds();
    return transaction.Put(planned);
  });
  for (const OfferRow& offer : offers) {
    if (status.ok() && offer.state == v1::OFFER_STATE_OFFERED) status = SendOffer(job, offer.archive);
  }
  if (!status.ok()) return context_.flow.Trouble(job.job_id, status);
  const std::string job_id = job.job_id;
  const int64_t deadline = planned.planning_deadline_unix_millis;
  context_.timers.Set(WindowTimer(job_id),
                      opened_now ? context_.Until(deadline) : context_.WindowLeft(deadline), [this, job_id] {
                        if (const absl::Status over = Consider(job_id, true); !over.ok())
                          context_.flow.Trouble(job_id, over);
                      });
  if (const absl::Status now = Consider(job_id, false); !now.ok()) context_.flow.Trouble(job_id, now);
}

void Planning::Reoffer(const JobRow& job, const std::string& archive) {
  bool open = false;
  absl::Status status = context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<OfferRow> offers, transaction.ListOffers(job.job_id));
    for (const OfferRow& offer : offers) {
      open = open || (offer.archive == archive && (offer.state == v1::OFFER_STATE_OFFERED ||
                                                   offer.state == v1::OFFER_STATE_AWAITING_APPROVAL));
    }
    return absl::OkStatus();
  });
  if (status.ok() && open) status = SendOffer(job, archive);
  if (!status.ok()) context_.flow.Trouble(job.job_id, status);
}

absl::Status Planning::SendOffer(const JobRow& job, const std::string& archive) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  v1::Envelope envelope;
  envelope.set_request_id("offer-" + job.job_id);
  v1::JobOffer& offer = *envelope.mutable_job_offer();
  offer.set_job_id(job.job_id);
  offer.set_spec(job.spec);
  for (const Manifest& manifest : facts->manifests) offer.add_manifests(manifest.json());
  offer.set_model_bytes(context_.parts.artifacts.SizeOf(facts->spec.base_model_digest()).value_or(0));
  context_.parts.nodes.Send(archive, std::move(envelope));
  return absl::OkStatus();
}

void Planning::OnAnswer(const std::string& archive, const v1::Envelope& envelope) {
  const v1::OfferAnswer& answer = envelope.offer_answer();
  absl::StatusOr<Appended> approval = absl::InternalError("not tried");
  absl::Status status = TakeAnswer(archive, answer, approval);
  // A job or an offer that we do not have: there is nothing to answer for.
  const bool foreign = absl::IsNotFound(status);
  if (foreign) approval = absl::InvalidArgumentError("against-rules: no such offer was made to this archive");
  if (!answer.approval_envelope().empty() && (status.ok() || foreign)) {
    context_.parts.nodes.Send(archive, OutcomeOf(context_.parts.sequencer, envelope.request_id(),
                                                 answer.approval_envelope(), approval));
  }
  if (foreign) return;
  if (status.ok()) status = Consider(answer.job_id(), false);
  if (!status.ok()) context_.flow.Trouble(answer.job_id(), status);
}

absl::Status Planning::TakeAnswer(const std::string& archive, const v1::OfferAnswer& answer,
                                  absl::StatusOr<Appended>& approval) {
  const absl::Status status = context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const JobRow job, transaction.GetJob(answer.job_id()));
    ASSIGN_OR_RETURN(std::optional<OfferRow> offer, FindOffer(transaction, answer.job_id(), archive));
    if (!offer.has_value()) return absl::NotFoundError("no such offer");
    const bool open = (job.state == v1::JOB_STATE_PLANNING || job.state == v1::JOB_STATE_AWAITING_APPROVAL) &&
                      offer->state != v1::OFFER_STATE_APPROVED && offer->state != v1::OFFER_STATE_REFUSED;
    std::string fault;  // the sender's: kept in the row instead of the answer
    if (!answer.approval_envelope().empty()) {
      // One that comes too late is logged all the same: what an archive signed stands.
      approval = AppendArchiveEntry(transaction, context_.parts.sequencer, ledger::Kind::kApproval, archive,
                                    answer.approval_envelope());
      if (approval.ok()) {
        offer->approval_index = static_cast<int64_t>(approval->index);
      } else if (SendersFault(approval.status()).empty()) {
        return approval.status();
      } else {
        fault = FaultReason(approval.status());
        spdlog::warn("offer answer refused: {} (job {}, archive {})", fault, answer.job_id(), archive);
      }
    }
    if (!open) return absl::OkStatus();
    if (fault.empty()) {
      ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
      ApplyAnswer(*facts, answer, *offer);
    } else {
      offer->state = v1::OFFER_STATE_REFUSED;
      offer->reason = fault;
    }
    return transaction.Put(*offer);
  });
  if (status.ok()) context_.flow.Changed(answer.job_id());
  return status;
}

absl::Status Planning::Consider(const std::string& job_id, bool window_over) {
  JobRow job;
  std::vector<OfferRow> offers;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(job, transaction.GetJob(job_id));
    ASSIGN_OR_RETURN(offers, transaction.ListOffers(job_id));
    return absl::OkStatus();
  }));
  const bool staff = job.state == v1::JOB_STATE_AWAITING_APPROVAL;
  if (job.state != v1::JOB_STATE_PLANNING && !staff) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  const Tally tally = Count(offers, context_);
  const bool enough = tally.approved >= facts->spec.quorum();
  if (!staff && !window_over && !tally.all_answered && (!enough || tally.someone_awaited)) {
    context_.timers.Set(QuietTimer(job_id), context_.config.reconnect_window, [this, job_id] {
      if (const absl::Status quiet = Consider(job_id, false); !quiet.ok())
        context_.flow.Trouble(job_id, quiet);
    });
    return absl::OkStatus();
  }
  context_.timers.Cancel(WindowTimer(job_id));
  context_.timers.Cancel(QuietTimer(job_id));
  if (enough) return StartRunning(job_id);
  if (tally.approved + tally.waiting < facts->spec.quorum()) {
    const std::string missing =
        offers.empty() ? "no archive is enrolled" : absl::StrJoin(tally.missing, ", ");
    context_.flow.FailJob(job_id, absl::StrCat("quorum-not-reached: ", missing));
    return absl::OkStatus();
  }
  if (staff) return absl::OkStatus();
  // People decide at their own pace, outside any deadline; a researcher can cancel.
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    job.state = v1::JOB_STATE_AWAITING_APPROVAL;
    return transaction.Put(job);
  }));
  context_.flow.Changed(job_id);
  return absl::OkStatus();
}

absl::Status Planning::StartRunning(const std::string& job_id) {
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(JobRow job, transaction.GetJob(job_id));
    ASSIGN_OR_RETURN(std::vector<OfferRow> offers, transaction.ListOffers(job_id));
    std::vector<std::pair<OfferRow, std::string>> approved;
    for (OfferRow& offer : offers) {
      if (offer.state == v1::OFFER_STATE_APPROVED) {
        ASSIGN_OR_RETURN(const MemberRow member, transaction.GetMember(v1::ROLE_ARCHIVE, offer.archive));
        ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(member.entries_vkey));
        approved.emplace_back(offer, key.KeyId());
      } else if (!Answered(offer)) {
        offer.state = v1::OFFER_STATE_REFUSED;
        offer.reason = "no-answer: within recruiting_seconds";
        RETURN_IF_ERROR(transaction.Put(offer));
      }
    }
    EntryWriter entries(transaction, context_.parts.sequencer);
    RETURN_IF_ERROR(entries.Roster(job, approved).status());
    job.state = v1::JOB_STATE_RUNNING;
    return transaction.Put(job);
  }));
  context_.flow.Continue(job_id);
  return absl::OkStatus();
}

}  // namespace consort::coordinator
