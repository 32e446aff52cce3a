#include "common/ledger/members.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

using nlohmann::json;
using enum MemberType;

constexpr Member kKeyEnrol[] = {
    {"name", kText}, {"role", kText}, {"entries_vkey", kText}, {"certificate_sha256", kDigest}};
constexpr Member kKeyRevoke[] = {{"name", kText},
                                 {"role", kText},
                                 {"entries_vkey", kText},
                                 {"certificate_sha256", kDigest},
                                 {"reason", kText}};
constexpr Member kKeyRotate[] = {{"name", kText},     {"purpose", kText},   {"old_vkey", kText},
                                 {"new_vkey", kText}, {"proof_old", kText}, {"proof_new", kText}};
constexpr Member kPolicyChange[] = {{"policy", kText}, {"faulty", kInteger}, {"basis", kText}};
constexpr Member kWithdrawal[] = {{"withdrawal_id", kId},
                                  {"contribution", kInteger},
                                  {"leaf_hash", kDigest},
                                  {"reason", kText},
                                  {"effect", kText}};
constexpr Member kErasure[] = {
    {"erasure_id", kId}, {"commitment", kDigest}, {"leaf", kInteger}, {"ground", kText}, {"erased", kText}};
constexpr Member kIncident[] = {{"kind", kText}, {"archive", kText}, {"detail", kText}};
constexpr Member kTemplates[] = {
    {"version", kInteger}, {"texts", kObject}, {"reviewed.en", kText}, {"reviewed.zh-Hans", kText}};
constexpr Member kExplanation[] = {{"class", kText},  {"templates", kDigest}, {"template", kText},
                                   {"inputs", kList}, {"params", kObject},    {"evidence", kList},
                                   {"text", kObject}};
constexpr Member kJob[] = {{"job_id", kId},           {"job_digest", kDigest},  {"name", kText},
                           {"submitted_by", kText},   {"architecture", kText},  {"method", kText},
                           {"purpose", kText},        {"strategy", kText},      {"weighting", kText},
                           {"mode", kText},           {"traditions", kList},    {"rounds", kInteger},
                           {"quorum", kInteger},      {"max_weight", kInteger}, {"cohort_bound", kInteger},
                           {"local_steps", kInteger}, {"clip_norm", kDecimal},  {"learning_rate", kDecimal},
                           {"proximal_mu", kDecimal}, {"seed", kDecimal},       {"base_digest", kDigest},
                           {"state_digest", kDigest}, {"manifests", kList}};
constexpr Member kApproval[] = {{"job_id", kId},           {"job_digest", kDigest}, {"plan_digest", kDigest},
                                {"decision", kText},       {"reason", kText},       {"basis", kText},
                                {"policy_digest", kDigest}};
constexpr Member kRoster[] = {{"job_id", kId},
                              {"group", kInteger},
                              {"archives[].archive", kText},
                              {"archives[].key", kText},
                              {"archives[].approval", kInteger},
                              {"archives[].plan_digest", kDigest},
                              {"archives[].weight", kInteger},
                              {"archives[].supplies[].tradition", kText},
                              {"archives[].supplies[].training_recordings", kInteger},
                              {"archives[].supplies[].holdout_recordings", kInteger},
                              {"archives[].supplies[].training_seconds", kInteger}};
constexpr Member kRoundOpen[] = {{"job_id", kId},
                                 {"round_id", kId},
                                 {"round", kInteger},
                                 {"group", kInteger},
                                 {"base_digest", kDigest},
                                 {"state_artifact", kDigest},
                                 {"manifest_digest", kDigest},
                                 {"mode", kText},
                                 {"quorum", kInteger},
                                 {"deadline_seconds", kInteger},
                                 {"cohort[].archive", kText},
                                 {"cohort[].weight", kInteger},
                                 {"traditions[].tradition", kText},
                                 {"traditions[].weight", kInteger}};
constexpr Member kContribution[] = {{"job_id", kId},
                                    {"round_id", kId},
                                    {"participation_id", kId},
                                    {"round", kInteger},
                                    {"base_digest", kDigest},
                                    {"manifest_digest", kDigest},
                                    {"update_digest", kDigest},
                                    {"update_bytes", kInteger},
                                    {"plan_digest", kDigest},
                                    {"weight", kInteger},
                                    {"mode", kText}};
constexpr Member kDecision[] = {
    {"about", kText}, {"job_id", kId}, {"outcome", kText}, {"reason", kText}, {"checked", kText}};
constexpr Member kAggregation[] = {{"job_id", kId},
                                   {"round_id", kId},
                                   {"round", kInteger},
                                   {"group", kInteger},
                                   {"base_digest", kDigest},
                                   {"manifest_digest", kDigest},
                                   {"sum_digest", kDigest},
                                   {"model_digest", kDigest},
                                   {"model_artifact", kDigest},
                                   {"contributions", kList},
                                   {"weight_total", kInteger},
                                   {"absent[].archive", kText},
                                   {"absent[].state", kText},
                                   {"absent[].reason", kText},
                                   {"strategy", kText},
                                   {"server_learning_rate", kDecimal}};
constexpr Member kEvaluation[] = {{"job_id", kId},
                                  {"round_id", kId},
                                  {"round", kInteger},
                                  {"before_digest", kDigest},
                                  {"after_digest", kDigest},
                                  {"measure", kText},
                                  {"unit", kText},
                                  {"scores[].tradition", kText},
                                  {"scores[].pairs", kDecimalPairs},
                                  {"bytes_sent", kInteger},
                                  {"journal_head", kDigest}};
constexpr Member kModelRelease[] = {{"job_id", kId},
                                    {"rounds", kInteger},
                                    {"model_artifact", kDigest},
                                    {"base_digest", kDigest},
                                    {"architecture", kText},
                                    {"method", kText},
                                    {"level", kDecimal},
                                    {"unit", kText},
                                    {"results[].tradition", kText},
                                    {"results[].archive", kText},
                                    {"results[].recordings", kInteger},
                                    {"results[].before", kDecimal},
                                    {"results[].after", kDecimal},
                                    {"results[].difference", kDecimal},
                                    {"results[].verdict", kText},
                                    {"harms", kList}};

bool IsHex(const json& value, size_t digits) {
  if (!value.is_string()) return false;
  const std::string& text = value.get_ref<const std::string&>();
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

size_t SkipDigits(absl::string_view text, size_t at) {
  while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

// -12, 0.5, 1e-05: a JSON number, without its rule on leading zeros.
bool IsDecimalText(absl::string_view text) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const size_t whole = at;
  if ((at = SkipDigits(text, at)) == whole) return false;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = ++at;
    if ((at = SkipDigits(text, at)) == fraction) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const size_t exponent = at;
    if ((at = SkipDigits(text, at)) == exponent) return false;
  }
  return at == text.size();
}

bool IsDecimal(const json& value) {
  return value.is_string() && IsDecimalText(value.get_ref<const std::string&>());
}

bool IsListOfDecimalPairs(const json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const json& pair) {
           return pair.is_array() && pair.size() == 2 && IsDecimal(pair[0]) && IsDecimal(pair[1]);
         });
}

bool IsOfType(const json& value, MemberType type) {
  switch (type) {
    case kText:
      return value.is_string();
    case kDigest:
      return IsHex(value, 64);
    case kId:
      return IsHex(value, 32);
    case kInteger:
      return value.is_number_unsigned();
    case kDecimal:
      return IsDecimal(value);
    case kDecimalPairs:
      return IsListOfDecimalPairs(value);
    case kList:
      return value.is_array();
    case kObject:
      return value.is_object();
  }
  return false;
}

bool Has(const json& object, absl::string_view path, MemberType type) {
  if (!object.is_object()) return false;
  const size_t end = path.find_first_of(".[");
  const auto found = object.find(std::string_view(path.data(), std::min(end, path.size())));
  if (found == object.end()) return false;
  if (end == absl::string_view::npos) return IsOfType(*found, type);
  if (path[end] == '.') return Has(*found, path.substr(end + 1), type);
  if (!found->is_array()) return false;
  const absl::string_view rest = path.substr(end + 3);  // after "[]."
  for (const json& item : *found) {
    if (!Has(item, rest, type)) return false;
  }
  return true;
}

}  // namespace

absl::Span<const Member> MembersOf(Kind kind) {
  switch (kind) {
    case Kind::kKeyEnrol:
      return kKeyEnrol;
    case Kind::kKeyRevoke:
      return kKeyRevoke;
    case Kind::kJob:
      return kJob;
    case Kind::kApproval:
      return kApproval;
    case Kind::kRoster:
      return kRoster;
    case Kind::kRoundOpen:
      return kRoundOpen;
    case Kind::kContribution:
      return kContribution;
    case Kind::kDecision:
      return kDecision;
    case Kind::kAggregation:
      return kAggregation;
    case Kind::kEvaluation:
      return kEvaluation;
    case Kind::kModelRelease:
      return kModelRelease;
    case Kind::kKeyRotate:
      return kKeyRotate;
    case Kind::kPolicyChange:
      return kPolicyChange;
    case Kind::kWithdrawal:
      return kWithdrawal;
    case Kind::kErasure:
      return kErasure;
    case Kind::kIncident:
      return kIncident;
    case Kind::kTemplates:
      return kTemplates;
    case Kind::kExplanation:
      return kExplanation;
    default:
      return {};
  }
}

absl::Status CheckMembers(const json& predicate, absl::Span<const Member> members) {
  for (const Member& member : members) {
    if (Has(predicate, member.path, member.type)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "ledger entry lacks a member or has it in another type; see docs/formats/ledger.md: ", member.path));
  }
  return absl::OkStatus();
}

}  // namespace consort::ledger
