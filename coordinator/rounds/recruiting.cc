#include "coordinator/rounds/recruiting.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/status/macros.h"
#include "coordinator/aggregation/weighting.h"
#include "coordinator/jobs/spec_words.h"
#include "coordinator/rounds/entries.h"
#include "coordinator/rounds/loss_history.h"
#include "coordinator/rounds/offer_check.h"
#include "coordinator/rounds/round_rows.h"

namespace consort::coordinator {
namespace {

std::string WindowTimer(const std::string& round_id) { return "recruiting/" + round_id; }
std::string QuietTimer(const std::string& round_id) { return "recruiting-quiet/" + round_id; }

// The weights of a cohort from its approved plans and the job's objective.
absl::StatusOr<EntryWriter::Weights> WeightsOf(Transaction& transaction, const v1::JobSpec& spec,
                                               const std::string& job_id,
                                               const std::vector<std::string>& cohort) {
  std::vector<ArchiveSupplies> supplies;
  for (const std::string& archive : cohort) {
    ASSIGN_OR_RETURN(const std::optional<OfferRow> offer, FindOffer(transaction, job_id, archive));
    v1::Plan plan;
    if (!offer.has_value() || !plan.ParseFromString(offer->plan)) {
      return absl::DataLossError(
          absl::StrCat("an approved plan is missing; restore a backup (job ", job_id, ")"));
    }
    supplies.push_back({archive, {plan.supplies().begin(), plan.supplies().end()}});
  }
  ASSIGN_OR_RETURN(const LossHistory history, ReadLossHistory(transaction, job_id, spec.objective()));
  ASSIGN_OR_RETURN(const CohortWeights weighed,
                   WeighCohort(spec.weighting(), supplies, spec.max_weight(), FactorsOf(spec, history)));
  EntryWriter::Weights weights;
  for (size_t i = 0; i < supplies.size(); ++i) {
    weights.archives.emplace_back(cohort[i], weighed.archives[i]);
    EntryWriter::Weights::OfTraditions& shares = weights.shares.emplace_back();
    for (size_t j = 0; j < supplies[i].supplies.size(); ++j) {
      shares.emplace_back(supplies[i].supplies[j].tradition(), weighed.shares[i][j]);
    }
  }
  weights.traditions.assign(weighed.traditions.begin(), weighed.traditions.end());
  return weights;
}

}  // namespace

std::vector<std::string> SampleCohort(std::vector<std::string> joined, uint32_t bound, uint64_t seed,
                                      uint32_t round) {
  if (joined.size() <= bound) return joined;
  const auto rank = [&](const std::string& archive) {
    return Sha256Hex(absl::StrCat("consort.cohort.v1\n", seed, "\n", round, "\n", archive, "\n"));
  };
  std::sort(joined.begin(), joined.end(),
            [&](const std::string& one, const std::string& other) { return rank(one) < rank(other); });
  joined.resize(bound);
  std::sort(joined.begin(), joined.end());
  return joined;
}

absl::Status Recruiting::OpenRound(const JobRow& job, uint32_t number) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  return context_.Transact([&](Transaction& transaction) -> absl::Status {
    RoundRow round;
    round.round_id = RandomId();
    round.job_id = job.job_id;
    round.number = number;
    round.manifest_digest = facts->in_force(number).digest();
    round.base_artifact = job.state_artifact;
    round.base_digest = job.state_digest;
    round.opened_unix_millis = context_.WallMillis();
    RETURN_IF_ERROR(transaction.Put(round));
    ASSIGN_OR_RETURN(const std::vector<OfferRow> offers, transaction.ListOffers(job.job_id));
    for (const OfferRow& offer : offers) {
      if (offer.state != v1::OFFER_STATE_APPROVED) continue;
      ASSIGN_OR_RETURN(const MemberRow member, transaction.GetMember(v1::ROLE_ARCHIVE, offer.archive));
      if (member.revoked) continue;
      ParticipationRow participation;
      participation.participation_id = RandomId();
      participation.round_id = round.round_id;
      participation.job_id = job.job_id;
      participation.archive = offer.archive;
      RETURN_IF_ERROR(transaction.Put(participation));
    }
    return absl::OkStatus();
  });
}

absl::Status Recruiting::Begin(const JobRow& job, RoundRow round) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  std::vector<ParticipationRow> participations;
  const bool opened_now = round.state != v1::ROUND_STATE_RECRUITING;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(participations, transaction.ListParticipations(round.round_id));
    if (!opened_now) return absl::OkStatus();
    round.state = v1::ROUND_STATE_RECRUITING;
    round.deadline_unix_millis = context_.WallMillis() + int64_t{1000} * facts->spec.recruiting_seconds();
    return transaction.Put(round);
  }));
  for (const ParticipationRow& participation : participations) {
    if (participation.state != v1::PARTICIPATION_STATE_INVITED) continue;
    context_.live.Start(participation.participation_id, participation.archive, round.job_id, round.round_id,
                        context_.Now());
    Invite(round, participation);
  }
  const int64_t deadline = round.deadline_unix_millis;
  context_.timers.Set(WindowTimer(round.round_id),
                      opened_now ? context_.Until(deadline) : context_.WindowLeft(deadline),
                      [this, job_id = job.job_id, round_id = round.round_id] {
                        if (const absl::Status over = Consider(round_id, true); !over.ok()) {
                          context_.flow.Trouble(job_id, over);
                        }
                      });
  context_.flow.Changed(job.job_id);
  return Consider(round.round_id, false);
}

void Recruiting::Invite(const RoundRow& round, const ParticipationRow& participation) {
  v1::Envelope envelope;
  envelope.set_request_id("invite-" + participation.participation_id);
  v1::RoundInvitation& invitation = *envelope.mutable_round_invitation();
  invitation.set_round_id(round.round_id);
  invitation.set_job_id(round.job_id);
  invitation.set_number(round.number);
  invitation.set_participation_id(participation.participation_id);
  invitation.set_join_within_millis(absl::ToInt64Milliseconds(context_.Until(round.deadline_unix_millis)));
  context_.parts.nodes.Send(participation.archive, std::move(envelope));
}

absl::Status Recruiting::Reinvite(const RoundRow& round, const std::string& archive) {
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(participations, transaction.ListParticipations(round.round_id));
    return absl::OkStatus();
  }));
  for (const ParticipationRow& participation : participations) {
    if (participation.archive != archive || participation.state != v1::PARTICIPATION_STATE_INVITED) continue;
    const LiveTask* task = context_.live.Find(participation.participation_id);
    if (task == nullptr || !task->joins) Invite(round, participation);
  }
  return absl::OkStatus();
}

void Recruiting::OnAnswer(const std::string& archive, const v1::RoundAnswer& answer) {
  const LiveTask* task = context_.live.Find(answer.participation_id());
  if (task == nullptr || task->archive != archive) return;  // ended, or not this archive's: nothing to change
  const std::string job_id = task->job_id;
  const std::string round_id = task->round_id;
  absl::Status status = TakeAnswer(archive, answer);
  if (status.ok()) status = Consider(round_id, false);
  if (!status.ok()) context_.flow.Trouble(job_id, status);
}

absl::Status Recruiting::TakeAnswer(const std::string& archive, const v1::RoundAnswer& answer) {
  LiveTask* task = context_.live.Find(answer.participation_id());
  if (answer.joins()) {
    task->joins = true;
    return absl::OkStatus();
  }
  return context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(ParticipationRow participation, transaction.GetParticipation(answer.participation_id()));
    if (participation.state != v1::PARTICIPATION_STATE_INVITED) return absl::OkStatus();
    const std::string reason = CleanReason(answer.reason());
    participation.state = ReasonCode(reason) == "withdrawn" ? v1::PARTICIPATION_STATE_WITHDRAWN
                                                            : v1::PARTICIPATION_STATE_REFUSED;
    participation.reason = absl::StrCat("declined: ", reason, " (node ", archive, ")");
    return transaction.Put(participation);
  });
}

absl::Status Recruiting::Consider(const std::string& round_id, bool window_over) {
  JobRow job;
  RoundRow round;
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(ReadRound(context_, round_id, job, round, participations));
  if (round.state != v1::ROUND_STATE_RECRUITING) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  uint32_t joined = 0;
  bool all_answered = true;
  bool someone_awaited = false;
  std::vector<std::string> missing;
  for (const ParticipationRow& participation : participations) {
    const LiveTask* task = context_.live.Find(participation.participation_id);
    const bool invited = participation.state == v1::PARTICIPATION_STATE_INVITED;
    if (invited && task != nullptr && task->joins) {
      ++joined;
      continue;
    }
    missing.push_back(participation.archive);
    all_answered = all_answered && !invited;
    someone_awaited = someone_awaited || (invited && context_.Awaited(participation.archive));
  }
  const bool enough = joined >= facts->spec.quorum();
  if (!window_over && !all_answered && (!enough || someone_awaited)) {
    context_.timers.Set(QuietTimer(round_id), context_.config.reconnect_window,
                        [this, job_id = job.job_id, round_id] {
                          if (const absl::Status quiet = Consider(round_id, false); !quiet.ok())
                            context_.flow.Trouble(job_id, quiet);
                        });
    return absl::OkStatus();
  }
  context_.timers.Cancel(WindowTimer(round_id));
  context_.timers.Cancel(QuietTimer(round_id));
  if (!enough) {
    context_.flow.FailJob(job.job_id, absl::StrCat("quorum-not-reached: ", absl::StrJoin(missing, ", ")));
    return absl::OkStatus();
  }
  return Freeze(job, round, std::move(participations));
}

absl::Status Recruiting::Freeze(const JobRow& job, const RoundRow& recruited,
                                std::vector<ParticipationRow> participations) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  std::vector<std::string> joined;
  for (const ParticipationRow& participation : participations) {
    const LiveTask* task = context_.live.Find(participation.participation_id);
    if (participation.state == v1::PARTICIPATION_STATE_INVITED && task != nullptr && task->joins) {
      joined.push_back(participation.archive);
    }
  }
  const std::vector<std::string> cohort =
      SampleCohort(joined, facts->spec.cohort_bound(), facts->spec.seed(), recruited.number);
  RoundRow round = recruited;
  EntryWriter::Weights weights;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(weights, WeightsOf(transaction, facts->spec, job.job_id, cohort));
    for (ParticipationRow& participation : participations) {
      if (participation.state != v1::PARTICIPATION_STATE_INVITED) continue;
      const auto place = std::lower_bound(cohort.begin(), cohort.end(), participation.archive);
      if (place != cohort.end() && *place == participation.archive) {
        participation.state = v1::PARTICIPATION_STATE_TRAINING;
        participation.weight = weights.archives[static_cast<size_t>(place - cohort.begin())].second;
      } else {
        const bool spare = std::binary_search(joined.begin(), joined.end(), participation.archive);
        participation.state = v1::PARTICIPATION_STATE_LATE;
        participation.reason =
            spare ? "not-sampled: the cohort is full" : "no-answer: within recruiting_seconds";
      }
      RETURN_IF_ERROR(transaction.Put(participation));
    }
    EntryWriter entries(transaction, context_.parts.sequencer);
    ASSIGN_OR_RETURN(const Appended entry, entries.RoundOpen(facts->spec, round, weights));
    round.open_index = static_cast<int64_t>(entry.index);
    round.state = v1::ROUND_STATE_TRAINING;
    round.deadline_unix_millis = context_.WallMillis() + int64_t{1000} * facts->spec.deadline_seconds();
    return transaction.Put(round);
  }));
  RETURN_IF_ERROR(context_.parts.sequencer.Seal().status());
  context_.parts.metrics.PhaseEnded(
      "recruiting", context_.parts.executor.WallClock() - absl::FromUnixMillis(round.opened_unix_millis));
  double total = 0;
  for (const auto& [archive, weight] : weights.archives) total += weight;
  for (const auto& [archive, weight] : weights.archives)
    context_.parts.metrics.NodeShare(archive, weight / total);
  context_.flow.Continue(job.job_id);
  return absl::OkStatus();
}

}  // namespace consort::coordinator
