#include "node/daemon/planning.h"

#include <algorithm>
#include <utility>

#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/session/protocol.h"
#include "common/status/macros.h"
#include "common/update/manifest.h"
#include "node/daemon/failure.h"
#include "node/daemon/task_report.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

std::string QueueId(const std::string& job_id) { return "plan-" + job_id; }

v1::Plan EmptyPlan(const v1::JobOffer& offer, const std::string& archive) {
  v1::Plan plan;
  plan.set_job_id(offer.job_id());
  plan.set_job_digest(Sha256Hex(offer.spec()));
  plan.set_archive(archive);
  return plan;
}

JournalRow PlanRow(const v1::OfferAnswer& answer, int64_t unix_millis) {
  JournalRow row;
  row.unix_millis = unix_millis;
  row.type = kRowPlan;
  row.bytes = answer.plan().size();
  row.digest = Sha256Hex(answer.plan());
  row.job_id = answer.job_id();
  return row;
}

}  // namespace

Planning::Planning(const DaemonSettings& settings, DaemonParts& parts, Session& session, EntryOutlet& outlet,
                   WorkQueue& queue)
    : settings_(settings), parts_(parts), session_(session), outlet_(outlet), queue_(queue) {}

void Planning::OnOffer(const v1::Envelope& asked) {
  const v1::JobOffer& offer = asked.job_offer();
  const std::string& id = offer.job_id();
  if (const absl::Status usable = TaskStore::CheckId(id); !usable.ok()) {
    spdlog::error("job offer ignored: {}", std::string(usable.message()));
    return;
  }
  if (!CheckNoIncident(parts_.incidents).ok()) return RefuseUnsigned(asked);
  if (parts_.jobs.Has(id, Record::kAnswer)) return SendAnswer(id);
  if (const absl::Status stored = parts_.jobs.Write(id, Record::kTask, asked.SerializeAsString());
      !stored.ok()) {
    spdlog::error("job offer {} ignored: {}", id, std::string(stored.message()));
    return;
  }
  const absl::Status queued = queue_.Add(QueueId(id), [this, offer] { Ask(offer, 1); });
  if (!queued.ok()) spdlog::warn("job offer {} ignored: {}", id, std::string(queued.message()));
}

// Without an entry: nothing is signed now. Nor is it stored, so that the job can be offered anew.
void Planning::RefuseUnsigned(const v1::Envelope& asked) {
  v1::Envelope envelope;
  envelope.set_request_id(asked.request_id());
  v1::OfferAnswer& answer = *envelope.mutable_offer_answer();
  answer.set_job_id(asked.job_offer().job_id());
  answer.set_state(v1::OFFER_STATE_REFUSED);
  answer.set_plan(EmptyPlan(asked.job_offer(), settings_.trust.archive).SerializeAsString());
  answer.set_reason(kLedgerIncident);
  session_.Send(std::move(envelope)).status().IgnoreError();  // a new session asks again
}

void Planning::Ask(const v1::JobOffer& offer, int attempt) {
  parts_.worker.Post([this, offer, attempt] {
    auto response = parts_.work.Plan(offer.spec());
    parts_.control.Post(
        [this, offer, attempt, response = std::move(response)] { OnPlanned(offer, attempt, response); });
  });
}

void Planning::OnPlanned(const v1::JobOffer& offer, int attempt,
                         const absl::StatusOr<v1::PlanResponse>& response) {
  trainer_ready_ = !absl::IsUnavailable(response.status());
  if (absl::IsUnavailable(response.status()) && attempt < kAttempts) {
    parts_.control.PostAfter(kRetryAfter, [this, offer, attempt] { Ask(offer, attempt + 1); });
    return;
  }
  v1::Plan plan = EmptyPlan(offer, settings_.trust.archive);
  absl::Status problem = response.status();
  if (response.ok()) {
    auto made = MakePlan(offer, *response);
    problem = made.status();
    if (made.ok()) plan = *std::move(made);
  }
  v1::JobSpec spec;
  if (problem.ok() && !spec.ParseFromString(offer.spec())) {
    problem = absl::InvalidArgumentError("the job's specification does not parse");
  }
  if (!problem.ok())
    spdlog::warn("job {} cannot be planned: {}", offer.job_id(), std::string(problem.message()));
  const PolicyDecision decision = problem.ok() ? Decide(settings_.policy, spec, plan)
                                               : PolicyDecision{false, std::string(FailureCodeOf(problem))};
  Answer(offer, plan, decision);
  queue_.Done(QueueId(offer.job_id()));
}

absl::StatusOr<v1::Plan> Planning::MakePlan(const v1::JobOffer& offer,
                                            const v1::PlanResponse& response) const {
  v1::JobSpec spec;
  if (!spec.ParseFromString(offer.spec()))
    return absl::InvalidArgumentError("the job's specification does not parse");
  v1::Plan plan = EmptyPlan(offer, settings_.trust.archive);
  *plan.mutable_supplies() = response.supplies();
  *plan.mutable_excluded() = response.excluded();
  plan.set_trainer_version(response.trainer_version());
  plan.set_purpose(spec.purpose());
  uint64_t seconds = 0;
  for (const v1::TraditionSupply& supply : response.supplies()) seconds += supply.training_seconds();
  plan.set_weight(static_cast<uint32_t>(std::min<uint64_t>(seconds, spec.max_weight())));
  for (const std::string& text : offer.manifests()) {
    ASSIGN_OR_RETURN(const Manifest manifest, Manifest::Parse(text));
    plan.add_manifest_digests(manifest.digest());
    plan.set_update_bytes(std::max<uint64_t>(plan.update_bytes(), manifest.payload_bytes()));
  }
  plan.set_largest_round_bytes(plan.update_bytes() +
                               2 * ledger::kMaxEntryBytes);  // contribution and evaluation
  return plan;
}

void Planning::Answer(const v1::JobOffer& offer, const v1::Plan& plan, const PolicyDecision& decision) {
  v1::OfferAnswer answer;
  answer.set_job_id(offer.job_id());
  answer.set_state(decision.approved ? v1::OFFER_STATE_APPROVED : v1::OFFER_STATE_REFUSED);
  answer.set_plan(plan.SerializeAsString());
  answer.set_reason(decision.approved ? "" : decision.reason);
  const absl::Status stored = parts_.jobs.Write(offer.job_id(), Record::kAnswer, answer.SerializeAsString());
  if (!stored.ok()) {
    spdlog::error("answer to job {} not sent, it could not be stored: {}", offer.job_id(),
                  std::string(stored.message()));
    return;
  }
  SendAnswer(offer.job_id());
}

void Planning::SendAnswer(const std::string& job_id) {
  const auto stored = parts_.jobs.Read(job_id, Record::kAnswer);
  v1::OfferAnswer answer;
  v1::Plan plan;
  if (!stored.ok() || !answer.ParseFromString(*stored) || !plan.ParseFromString(answer.plan())) {
    spdlog::error("stored answer to job {} is damaged; remove its folder under jobs/ to plan anew", job_id);
    return;
  }
  const std::string plan_digest = Sha256Hex(answer.plan());
  const bool approved = answer.state() == v1::OFFER_STATE_APPROVED;
  const PolicyDecision decision{approved, approved ? "ok" : answer.reason()};
  outlet_.Submit(
      {.store = &parts_.jobs,
       .id = job_id,
       .draft = [this, plan, plan_digest,
                 decision] { return ApprovalDraft(plan, plan_digest, decision, settings_.policy_digest); },
       .before =
           [this, answer](const std::string&) {
             return parts_.journal.AppendOnce(
                 PlanRow(answer, absl::ToUnixMillis(parts_.control.WallClock())));
           },
       .wrap =
           [this, answer](const std::string& entry) {
             v1::Envelope envelope;
             envelope.set_request_id(RequestIdOf(parts_.jobs, answer.job_id()));
             *envelope.mutable_offer_answer() = answer;
             envelope.mutable_offer_answer()->set_approval_envelope(entry);
             return envelope;
           },
       .failed =
           [job_id](const absl::Status& status) {
             spdlog::error("answer to job {} not sent: {}", job_id, std::string(status.message()));
           }});
}

std::vector<std::string> Planning::OpenJobs() const {
  std::vector<std::string> open;
  const auto ids = parts_.jobs.List();
  if (!ids.ok()) return open;
  for (const std::string& id : *ids) {
    if (open.size() == session::kMaxOpenJobs) break;
    if (parts_.jobs.Has(id, Record::kTask)) open.push_back(id);
  }
  return open;
}

void Planning::OnJobEnded(const std::string& job_id) {
  const absl::Status removed = parts_.jobs.Remove(job_id, Record::kTask);
  if (!removed.ok()) spdlog::warn("offer of job {} not removed: {}", job_id, std::string(removed.message()));
}

void Planning::ProbeTrainer() {
  if (trainer_ready_) return;
  parts_.worker.Post([this] {
    const bool answers = parts_.work.TrainerAnswers();
    parts_.control.Post([this, answers] {
      trainer_ready_ = trainer_ready_ || answers;
      if (!trainer_ready_) parts_.control.PostAfter(kProbeEvery, [this] { ProbeTrainer(); });
    });
  });
}

void Planning::OnInvitation(const v1::Envelope& asked) {
  const v1::RoundInvitation& invitation = asked.round_invitation();
  const absl::Status approved = ApprovedPlan(invitation.job_id()).status();
  v1::Envelope envelope;
  envelope.set_request_id(asked.request_id());
  v1::RoundAnswer& answer = *envelope.mutable_round_answer();
  answer.set_round_id(invitation.round_id());
  answer.set_participation_id(invitation.participation_id());
  const bool clear = CheckNoIncident(parts_.incidents).ok();
  answer.set_joins(approved.ok() && clear);
  if (!approved.ok()) answer.set_reason("not-approved");
  if (!clear) answer.set_reason(kLedgerIncident);
  session_.Send(std::move(envelope)).status().IgnoreError();  // a new session asks again
}

absl::StatusOr<ApprovedJob> Planning::ApprovedPlan(const std::string& job_id) const {
  const auto refused = [](absl::string_view why) {
    return FailureStatus(absl::StatusCode::kFailedPrecondition, kFailurePolicy, why);
  };
  const auto stored = parts_.jobs.Read(job_id, Record::kAnswer);
  v1::OfferAnswer answer;
  ApprovedJob job;
  if (!stored.ok() || !answer.ParseFromString(*stored) || !job.plan.ParseFromString(answer.plan())) {
    return refused("this archive was never asked about the job");
  }
  if (answer.state() != v1::OFFER_STATE_APPROVED) return refused("this archive has not approved the job");
  job.plan_digest = Sha256Hex(answer.plan());
  return job;
}

}  // namespace consort::node
