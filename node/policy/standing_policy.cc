#include "node/policy/standing_policy.h"

#include <algorithm>
#include <set>

#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::node {
namespace {

bool Holds(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

nlohmann::json SortedList(const std::vector<std::string>& list) {
  return std::set<std::string>(list.begin(), list.end());
}

}  // namespace

PolicyDecision Decide(const StandingPolicy& policy, const v1::JobSpec& spec, const v1::Plan& plan) {
  const auto refused = [](const char* reason) { return PolicyDecision{false, reason}; };
  if (!Holds(policy.purposes, spec.purpose())) return refused("purpose-not-allowed");
  if (!policy.architectures.empty() && !Holds(policy.architectures, spec.architecture())) {
    return refused("architecture-not-allowed");
  }
  if (spec.privacy() != v1::PRIVACY_MODE_PLAIN) return refused("privacy-not-allowed");
  if (spec.rounds() > policy.max_rounds) return refused("too-many-rounds");
  if (spec.quorum() < policy.min_quorum) return refused("quorum-too-small");
  if (plan.update_bytes() > policy.max_update_bytes) return refused("update-too-large");
  if (plan.weight() == 0) return refused("no-usable-recording");
  return {true, "ok"};
}

absl::StatusOr<std::string> PolicyJson(const StandingPolicy& policy) {
  return ledger::CanonicalJson({{"format", "consort.policy.v1"},
                                {"purposes", SortedList(policy.purposes)},
                                {"architectures", SortedList(policy.architectures)},
                                {"max_update_bytes", policy.max_update_bytes},
                                {"max_rounds", policy.max_rounds},
                                {"min_quorum", policy.min_quorum}});
}

absl::StatusOr<std::string> PolicyDigest(const StandingPolicy& policy) {
  ASSIGN_OR_RETURN(const std::string json, PolicyJson(policy));
  return Sha256Hex(json);
}

}  // namespace consort::node
