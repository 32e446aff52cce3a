#include "node/daemon/entries.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/measure/primary_measure.h"
#include "nlohmann/json.hpp"

namespace consort::node {
namespace {

std::string ObjectOf(const nlohmann::json& members) {
  // Names of traditions come from the trainer; bytes that are not UTF-8 must not throw here, and do not
  // verify later.
  return members.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// "noise-floor" of AUGMENTATION_NOISE_FLOOR.
std::string WordOf(int augmentation) {
  constexpr absl::string_view kPrefix = "AUGMENTATION_";
  const std::string name = v1::Augmentation_Name(augmentation);
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(name, kPrefix)), {{"_", "-"}});
}

std::string Score(double value) { return absl::StrFormat("%.4f", value); }

nlohmann::json PairsOf(const google::protobuf::RepeatedPtrField<v1::ScorePair>& pairs) {
  nlohmann::json list = nlohmann::json::array();
  for (const v1::ScorePair& pair : pairs) list.push_back({Score(pair.before()), Score(pair.after())});
  return list;
}

nlohmann::json ScoresOf(const v1::TraditionScores& tradition) {
  nlohmann::json scores = {{"tradition", tradition.tradition()}, {"pairs", PairsOf(tradition.pairs())}};
  for (const double yardstick : tradition.yardstick()) scores["yardstick"].push_back(Score(yardstick));
  for (const double personal : tradition.personal()) scores["personal"].push_back(Score(personal));
  for (const v1::MeasureScores& measure : tradition.measures()) {
    scores["measures"].push_back(
        {{"name", measure.name()}, {"pairs", PairsOf(measure.pairs())}, {"set_size", measure.set_size()}});
  }
  return scores;
}

}  // namespace

EntryDraft ApprovalDraft(const v1::Plan& plan, absl::string_view plan_digest, const PolicyDecision& decision,
                         absl::string_view policy_digest) {
  return {ledger::Kind::kApproval,
          {{"plan", std::string(plan_digest)}},
          ObjectOf({{"job_id", plan.job_id()},
                    {"job_digest", plan.job_digest()},
                    {"plan_digest", std::string(plan_digest)},
                    {"decision", decision.approved ? "approve" : "refuse"},
                    {"reason", decision.reason},
                    {"basis", "standing-policy"},
                    {"policy_digest", std::string(policy_digest)}})};
}

EntryDraft ContributionDraft(const v1::TrainTask& task, const PayloadFacts& payload,
                             absl::string_view plan_digest, const v1::TrainResult& result) {
  nlohmann::json members = {{"job_id", task.job_id()},
                            {"round_id", task.round_id()},
                            {"participation_id", task.participation_id()},
                            {"round", task.number()},
                            {"base_digest", task.base_digest()},
                            {"manifest_digest", Sha256Hex(task.manifest())},
                            {"update_digest", payload.digest},
                            {"update_bytes", payload.bytes},
                            {"plan_digest", std::string(plan_digest)},
                            {"weight", task.weight()},
                            {"mode", "plain"}};
  for (const v1::TraditionLoss& loss : result.losses()) {
    members["losses"].push_back({{"tradition", loss.tradition()},
                                 {"loss", absl::StrFormat("%.4f", loss.loss())},
                                 {"windows", loss.windows()}});
  }
  for (const int augmentation : result.augmentations())
    members["augmentations"].push_back(WordOf(augmentation));
  if (result.augmented_windows() > 0) members["augmented_windows"] = result.augmented_windows();
  return {ledger::Kind::kContribution, {{"update", payload.digest}}, ObjectOf(members)};
}

EntryDraft EvaluationDraft(const v1::EvaluateTask& task, const v1::EvaluateResult& result,
                           const EvaluationFacts& facts) {
  nlohmann::json scores = nlohmann::json::array();
  for (const v1::TraditionScores& tradition : result.scores()) scores.push_back(ScoresOf(tradition));
  return {ledger::Kind::kEvaluation,
          {{"model", facts.after_digest}},
          ObjectOf({{"job_id", task.job_id()},
                    {"round_id", task.round_id()},
                    {"round", task.number()},
                    {"before_digest", facts.before_digest},
                    {"after_digest", facts.after_digest},
                    {"measure", result.measure()},
                    {"unit", std::string(MeasureUnit(result.measure()))},
                    {"scores", std::move(scores)},
                    {"bytes_sent", facts.bytes_sent},
                    {"journal_head", facts.journal_head}})};
}

}  // namespace consort::node
