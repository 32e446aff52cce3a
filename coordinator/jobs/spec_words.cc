#include "coordinator/jobs/spec_words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace consort::coordinator {
namespace {

std::string WordOf(absl::string_view enum_name, absl::string_view prefix) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(enum_name, prefix)), {{"_", "-"}});
}

}  // namespace

std::string MethodWord(v1::Method method) { return WordOf(v1::Method_Name(method), "METHOD_"); }
std::string StrategyWord(v1::Strategy strategy) { return WordOf(v1::Strategy_Name(strategy), "STRATEGY_"); }
std::string WeightingWord(v1::Weighting weighting) {
  return WordOf(v1::Weighting_Name(weighting), "WEIGHTING_");
}
std::string ObjectiveWord(v1::Objective objective) {
  if (objective == v1::OBJECTIVE_UNSPECIFIED) return "weighted";
  return WordOf(v1::Objective_Name(objective), "OBJECTIVE_");
}
std::string PrivacyWord(v1::PrivacyMode mode) { return WordOf(v1::PrivacyMode_Name(mode), "PRIVACY_MODE_"); }
std::string JobStateWord(v1::JobState state) { return WordOf(v1::JobState_Name(state), "JOB_STATE_"); }
std::string RoundStateWord(v1::RoundState state) {
  return WordOf(v1::RoundState_Name(state), "ROUND_STATE_");
}
std::string ParticipationStateWord(v1::ParticipationState state) {
  return WordOf(v1::ParticipationState_Name(state), "PARTICIPATION_STATE_");
}
std::string VerdictWord(v1::TraditionResult::Verdict verdict) {
  return WordOf(v1::TraditionResult::Verdict_Name(verdict), "VERDICT_");
}

absl::string_view ReasonCode(absl::string_view reason) { return reason.substr(0, reason.find(':')); }

bool Ended(v1::JobState state) {
  return state == v1::JOB_STATE_COMPLETED || state == v1::JOB_STATE_FAILED ||
         state == v1::JOB_STATE_CANCELLED;
}
bool Ended(v1::RoundState state) {
  return state == v1::ROUND_STATE_CLOSED || state == v1::ROUND_STATE_ABANDONED;
}
bool Ended(v1::ParticipationState state) {
  return state != v1::PARTICIPATION_STATE_INVITED && state != v1::PARTICIPATION_STATE_TRAINING &&
         state != v1::PARTICIPATION_STATE_UPLOADING;
}

}  // namespace consort::coordinator
