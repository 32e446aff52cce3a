#include "coordinator/rounds/entries.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/measure/primary_measure.h"
#include "common/status/macros.h"
#include "common/update/decimal.h"
#include "consort/v1/session.pb.h"
#include "coordinator/aggregation/objective.h"
#include "coordinator/jobs/model_records.h"
#include "coordinator/jobs/spec_check.h"
#include "coordinator/jobs/spec_words.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

using ledger::Kind;
using nlohmann::json;

// Scores and their intervals: four decimals are what archives send, two more keep means of up to a hundred
// exact enough.
std::string Score(double value) { return absl::StrFormat("%.6f", value); }

json SuppliesOf(const OfferRow& offer) {
  json supplies = json::array();
  v1::Plan plan;
  if (!plan.ParseFromString(offer.plan)) return supplies;
  for (const v1::TraditionSupply& supply : plan.supplies()) {
    supplies.push_back({{"tradition", supply.tradition()},
                        {"training_recordings", supply.training_recordings()},
                        {"holdout_recordings", supply.holdout_recordings()},
                        {"training_seconds", supply.training_seconds()}});
  }
  return supplies;
}

uint32_t PlannedWeight(const OfferRow& offer) {
  v1::Plan plan;
  return plan.ParseFromString(offer.plan) ? plan.weight() : 0;
}

json TraditionWeights(const EntryWriter::Weights::OfTraditions& weights) {
  json traditions = json::array();
  for (const auto& [tradition, weight] : weights) {
    traditions.push_back({{"tradition", tradition}, {"weight", weight}});
  }
  return traditions;
}

}  // namespace

absl::StatusOr<Appended> EntryWriter::Job(const JobRow& job, const v1::JobSpec& spec,
                                          const std::string& base_digest,
                                          const std::vector<std::string>& manifest_digests) {
  json predicate = {
      {"job_id", job.job_id},
      {"job_digest", job.job_digest},
      {"name", spec.name()},  // empty; docs/decisions/0016-erasure.md
      {"submitted_by", job.submitted_by},
      {"architecture", spec.architecture()},
      {"method", MethodWord(spec.method())},
      {"purpose", spec.purpose()},
      {"strategy", StrategyWord(spec.strategy())},
      {"weighting", WeightingWord(spec.weighting())},
      {"objective", ObjectiveWord(spec.objective())},
      {"reveals", RevealedBy(spec.objective())},
      {"mode", PrivacyWord(spec.privacy())},
      {"traditions", std::vector<std::string>(spec.traditions().begin(), spec.traditions().end())},
      {"rounds", spec.rounds()},
      {"quorum", spec.quorum()},
      {"max_weight", spec.max_weight()},
      {"cohort_bound", spec.cohort_bound()},
      {"local_steps", spec.local().steps()},
      {"clip_norm", DecimalOf(spec.clip_norm())},
      {"learning_rate", DecimalOf(spec.local().learning_rate())},
      {"proximal_mu", DecimalOf(spec.local().proximal_mu())},
      {"seed", absl::StrCat(spec.seed())},
      {"base_digest", base_digest},
      {"state_digest", job.state_digest},
      {"manifests", manifest_digests},
  };
  if (!job.name_commitment.empty()) {
    predicate["commitments"] = {{"name", job.name_commitment}, {"submitted_by", job.submitter_commitment}};
  }
  if (spec.local().scaffold()) predicate["scaffold"] = true;
  if (spec.personal().enabled()) {
    predicate["personal"] = {{"lambda", DecimalOf(spec.personal().lambda())}, {"steps", PersonalSteps(spec)}};
  }
  return sequencer_.AppendOwn(
      transaction_, Kind::kJob,
      {{absl::StrCat("job/", job.job_id), job.job_digest}, {"base-model", spec.base_model_digest()}},
      predicate);
}

absl::StatusOr<Appended> EntryWriter::Roster(const JobRow& job,
                                             const std::vector<std::pair<OfferRow, std::string>>& approved) {
  json archives = json::array();
  for (const auto& [offer, key_id] : approved) {
    archives.push_back({{"archive", offer.archive},
                        {"key", key_id},
                        {"approval", offer.approval_index},
                        {"plan_digest", offer.plan_digest},
                        {"weight", PlannedWeight(offer)},
                        {"supplies", SuppliesOf(offer)}});
  }
  return sequencer_.AppendOwn(transaction_, Kind::kRoster,
                              {{absl::StrCat("job/", job.job_id), job.job_digest}},
                              {{"job_id", job.job_id}, {"group", 0}, {"archives", archives}});
}

absl::StatusOr<Appended> EntryWriter::RoundOpen(const v1::JobSpec& spec, const RoundRow& round,
                                                const Weights& weights) {
  json cohort = json::array();
  for (size_t i = 0; i < weights.archives.size(); ++i) {
    cohort.push_back({{"archive", weights.archives[i].first},
                      {"weight", weights.archives[i].second},
                      {"traditions", TraditionWeights(weights.shares[i])}});
  }
  const json predicate = {
      {"job_id", round.job_id},
      {"round_id", round.round_id},
      {"round", round.number},
      {"group", round.group},
      {"base_digest", round.base_digest},
      {"state_artifact", round.base_artifact},
      {"manifest_digest", round.manifest_digest},
      {"mode", PrivacyWord(spec.privacy())},
      {"quorum", spec.quorum()},
      {"deadline_seconds", spec.deadline_seconds()},
      {"cohort", cohort},
      {"traditions", TraditionWeights(weights.traditions)},
  };
  return sequencer_.AppendOwn(transaction_, Kind::kRoundOpen,
                              {{absl::StrCat("round/", round.round_id), round.base_digest}}, predicate);
}

absl::StatusOr<Appended> EntryWriter::ContributionDecision(const RoundRow& round,
                                                           const ParticipationRow& participation,
                                                           const Appended& contribution, bool accepted,
                                                           absl::string_view reason) {
  const std::string leaf_hash = HexEncode(contribution.leaf_hash);
  const json predicate = {
      {"about", "contribution"},          {"job_id", round.job_id},
      {"round_id", round.round_id},       {"round", round.number},
      {"archive", participation.archive}, {"contribution", contribution.index},
      {"leaf_hash", leaf_hash},           {"outcome", accepted ? "accepted" : "rejected"},
      {"reason", std::string(reason)},    {"checked", "by coordinator"},
  };
  return sequencer_.AppendOwn(transaction_, Kind::kDecision, {{"contribution", leaf_hash}}, predicate);
}

absl::StatusOr<Appended> EntryWriter::RoundAbandoned(const RoundRow& round, absl::string_view reason) {
  const json predicate = {{"about", "round"},           {"job_id", round.job_id},
                          {"round_id", round.round_id}, {"round", round.number},
                          {"outcome", "abandoned"},     {"reason", std::string(reason)},
                          {"checked", "by coordinator"}};
  return sequencer_.AppendOwn(transaction_, Kind::kDecision,
                              {{absl::StrCat("round/", round.round_id), round.base_digest}}, predicate);
}

absl::StatusOr<Appended> EntryWriter::JobEnded(const JobRow& job, absl::string_view outcome,
                                               absl::string_view reason) {
  const json predicate = {{"about", "job"},
                          {"job_id", job.job_id},
                          {"outcome", std::string(outcome)},
                          {"reason", std::string(reason)},
                          {"checked", "by coordinator"}};
  return sequencer_.AppendOwn(transaction_, Kind::kDecision,
                              {{absl::StrCat("job/", job.job_id), job.job_digest}}, predicate);
}

absl::StatusOr<Appended> EntryWriter::Aggregation(const v1::JobSpec& spec, const RoundRow& round,
                                                  const std::vector<ParticipationRow>& participations,
                                                  const AggregateResult& result) {
  json contributions = json::array();
  json absent = json::array();
  for (const ParticipationRow& participation : participations) {
    if (participation.state == v1::PARTICIPATION_STATE_ACKNOWLEDGED) {
      contributions.push_back(participation.contribution_index);
    } else {
      absent.push_back({{"archive", participation.archive},
                        {"state", ParticipationStateWord(participation.state)},
                        {"reason", std::string(ReasonCode(participation.reason))}});
    }
  }
  const json predicate = {
      {"job_id", round.job_id},
      {"round_id", round.round_id},
      {"round", round.number},
      {"group", round.group},
      {"base_digest", round.base_digest},
      {"manifest_digest", round.manifest_digest},
      {"sum_digest", result.sum_digest},
      {"model_digest", result.state_digest},
      {"model_artifact", round.result_artifact},
      {"contributions", contributions},
      {"weight_total", result.weight_total},
      {"absent", absent},
      {"strategy", StrategyWord(spec.strategy())},
      {"server_learning_rate", DecimalOf(spec.server_learning_rate())},
  };
  return sequencer_.AppendOwn(transaction_, Kind::kAggregation,
                              {{"model", result.state_digest}, {"sum", result.sum_digest}}, predicate);
}

absl::StatusOr<Appended> EntryWriter::ModelRelease(const JobRow& job, const v1::JobSpec& spec,
                                                   const std::string& base_digest,
                                                   const std::vector<v1::TraditionResult>& results) {
  json list = json::array();
  for (const v1::TraditionResult& result : results) {
    json item = {{"tradition", result.tradition()},         {"archive", result.archive()},
                 {"recordings", result.recordings()},       {"before", Score(result.before())},
                 {"after", Score(result.after())},          {"difference", Score(result.difference())},
                 {"verdict", VerdictWord(result.verdict())}};
    if (result.has_interval()) {
      item["low"] = Score(result.low());
      item["high"] = Score(result.high());
    }
    if (result.has_yardstick()) {
      item["yardstick"] = Score(result.yardstick());
      item["beats_yardstick"] = result.after() < result.yardstick();
    }
    if (result.has_personal()) item["personal"] = Score(result.personal());
    list.push_back(std::move(item));
  }
  const json predicate = {
      {"job_id", job.job_id},
      {"rounds", job.rounds_closed},
      {"model_artifact", job.state_artifact},
      {"base_digest", base_digest},
      {"architecture", spec.architecture()},
      {"method", MethodWord(spec.method())},
      {"level", DecimalOf(spec.evaluation().interval_level())},
      {"measure", std::string(PrimaryMeasure(spec.architecture()))},
      {"unit", std::string(MeasureUnit(PrimaryMeasure(spec.architecture())))},
      {"results", list},
      {"harms", HarmsOf(results)},
  };
  return sequencer_.AppendOwn(transaction_, Kind::kModelRelease, {{"model", job.state_digest}}, predicate);
}

absl::StatusOr<std::string> BaseDigestOf(Transaction& transaction, const JobRow& job) {
  if (job.job_index < 0) return std::string();
  ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(static_cast<uint64_t>(job.job_index)));
  ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(leaf.body));
  ASSIGN_OR_RETURN(const json predicate, ledger::ParseStrictJson(statement.predicate));
  const auto found = predicate.find("base_digest");
  if (found == predicate.end() || !found->is_string()) {
    return absl::DataLossError(
        absl::StrCat("the stored job entry names no base_digest; restore a backup (job ", job.job_id, ")"));
  }
  return found->get<std::string>();
}

}  // namespace consort::coordinator
