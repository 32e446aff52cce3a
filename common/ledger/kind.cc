#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ledger/entry.h"

namespace consort::ledger {
namespace {

using Named = std::pair<Kind, absl::string_view>;

constexpr std::array kNames = {
    Named{Kind::kKeyEnrol, "key-enrol"},
    Named{Kind::kKeyRotate, "key-rotate"},
    Named{Kind::kKeyRevoke, "key-revoke"},
    Named{Kind::kPolicyChange, "policy-change"},
    Named{Kind::kTemplates, "templates"},
    Named{Kind::kRoster, "roster"},
    Named{Kind::kJob, "job"},
    Named{Kind::kApproval, "approval"},
    Named{Kind::kRoundOpen, "round-open"},
    Named{Kind::kContribution, "contribution"},
    Named{Kind::kDecision, "decision"},
    Named{Kind::kAggregation, "aggregation"},
    Named{Kind::kEvaluation, "evaluation"},
    Named{Kind::kModelRelease, "model-release"},
    Named{Kind::kExplanation, "explanation"},
    Named{Kind::kWithdrawal, "withdrawal"},
    Named{Kind::kErasure, "erasure"},
    Named{Kind::kIncident, "incident"},
    Named{Kind::kReceipt, "receipt"},
};

}  // namespace

absl::string_view KindName(Kind kind) {
  for (const auto& [named, name] : kNames) {
    if (named == kind) return name;
  }
  return "";
}

absl::StatusOr<Kind> KindFromName(absl::string_view name) {
  for (const auto& [kind, known] : kNames) {
    if (known == name) return kind;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("this version knows no such kind of ledger entry; ", name.size(), " bytes of name"));
}

std::string PredicateType(Kind kind) { return absl::StrCat("urn:x-consort:", KindName(kind), ":v1"); }

}  // namespace consort::ledger
