#include "common/ledger/lineage.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/members.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

using nlohmann::json;
using enum MemberType;

// What lineage reads of each kind; MembersOf asks for more, which is the verifier's business.
constexpr Member kOfJob[] = {{"job_id", kId}, {"base_digest", kDigest}, {"state_digest", kDigest}};
constexpr Member kOfRoundOpen[] = {
    {"job_id", kId}, {"round_id", kId}, {"round", kInteger}, {"base_digest", kDigest}};
constexpr Member kOfContribution[] = {
    {"archive", kText}, {"job_id", kId}, {"round_id", kId}, {"round", kInteger}, {"update_digest", kDigest}};
constexpr Member kOfDecision[] = {{"contribution", kInteger}, {"outcome", kText}, {"reason", kText}};
constexpr Member kOfAggregation[] = {
    {"job_id", kId},           {"round_id", kId},           {"round", kInteger},
    {"model_digest", kDigest}, {"model_artifact", kDigest}, {"contributions", kList}};
constexpr Member kOfRelease[] = {{"job_id", kId}, {"model_artifact", kDigest}};
constexpr Member kOfWithdrawal[] = {{"contribution", kInteger}, {"reason", kText}, {"effect", kText}};
constexpr Member kOfErasure[] = {{"leaf", kInteger}, {"commitment", kDigest}, {"ground", kText}};

std::string Text(const json& predicate, const char* member) { return predicate.value(member, std::string()); }
uint64_t Integer(const json& predicate, const char* member) { return predicate.at(member).get<uint64_t>(); }

std::string DigestOf(const std::vector<Subject>& subjects, absl::string_view name) {
  for (const Subject& subject : subjects) {
    if (subject.name == name) return subject.sha256;
  }
  return "";
}

// Empty for kinds that carry nothing on.
absl::Span<const Member> NeededOf(Kind kind, const json& predicate) {
  switch (kind) {
    case Kind::kJob:
      return kOfJob;
    case Kind::kRoundOpen:
      return kOfRoundOpen;
    case Kind::kContribution:
      return kOfContribution;
    case Kind::kDecision:
      if (Text(predicate, "about") == "contribution") return kOfDecision;
      return {};
    case Kind::kAggregation:
      return kOfAggregation;
    case Kind::kModelRelease:
      return kOfRelease;
    case Kind::kWithdrawal:
      return kOfWithdrawal;
    case Kind::kErasure:
      return kOfErasure;
    default:
      return {};
  }
}

}  // namespace

std::vector<LineageStep> Reach::Of(Kind kind) const {
  std::vector<LineageStep> found;
  for (const LineageStep& step : steps) {
    if (step.kind == kind) found.push_back(step);
  }
  return found;
}

absl::Status Lineage::Take(uint64_t index, absl::string_view envelope) {
  if (index != size_) {
    return absl::InvalidArgumentError(
        absl::StrCat("entries must be taken in order: found leaf ", index, ", expected ", size_));
  }
  const auto at_leaf = [index](const absl::Status& status) {
    return absl::InvalidArgumentError(absl::StrCat("entry ", index, ": ", status.message()));
  };
  const absl::StatusOr<Statement> statement = ReadEntry(envelope);
  if (!statement.ok()) return at_leaf(statement.status());
  const absl::StatusOr<json> parsed = ParseStrictJson(statement->predicate);
  if (!parsed.ok()) return at_leaf(parsed.status());
  const json& predicate = *parsed;
  const absl::Span<const Member> needed = NeededOf(statement->kind, predicate);
  if (const absl::Status status = CheckMembers(predicate, needed); !status.ok()) return at_leaf(status);
  ++size_;
  if (needed.empty()) return absl::OkStatus();

  Event event;
  LineageStep& step = event.step;
  step.leaf = index;
  step.kind = statement->kind;
  step.job_id = Text(predicate, "job_id");
  event.round_id = Text(predicate, "round_id");
  event.archive = Text(predicate, "archive");
  if (predicate.contains("round")) step.round = Integer(predicate, "round");
  switch (statement->kind) {
    case Kind::kJob:
      step.digest = Text(predicate, "base_digest");
      event.first_state = Text(predicate, "state_digest");
      event.base_artifact = DigestOf(statement->subjects, "base-model");
      break;
    case Kind::kRoundOpen:
      step.digest = Text(predicate, "base_digest");
      break;
    case Kind::kContribution:
      step.digest = Text(predicate, "update_digest");
      contributions_.emplace(index, events_.size());
      break;
    case Kind::kDecision:
      event.about = Integer(predicate, "contribution");
      step.code = Text(predicate, "outcome");
      step.reason = Text(predicate, "reason");
      break;
    case Kind::kAggregation:
      step.digest = Text(predicate, "model_digest");
      step.artifact = Text(predicate, "model_artifact");
      for (const json& leaf : predicate.at("contributions")) {
        if (leaf.is_number_unsigned()) event.contributions.push_back(leaf.get<uint64_t>());
      }
      break;
    case Kind::kModelRelease:
      step.digest = DigestOf(statement->subjects, "model");
      step.artifact = Text(predicate, "model_artifact");
      break;
    case Kind::kWithdrawal:
      event.about = Integer(predicate, "contribution");
      step.code = Text(predicate, "effect");
      step.reason = Text(predicate, "reason");
      break;
    default:  // erasure
      event.about = Integer(predicate, "leaf");
      step.code = Text(predicate, "ground");
      step.reason = Text(predicate, "commitment");
      break;
  }
  events_.push_back(std::move(event));
  return absl::OkStatus();
}

// Goes through what came after the contribution, once, in order: what holds a state is always later than it.
class Lineage::Walk {
 public:
  Walk(const Event& start, Reach& reach) : leaf_(start.step.leaf), reach_(reach) {}

  void Pass(const Event& event) {
    switch (event.step.kind) {
      case Kind::kDecision:
        if (event.about == leaf_ && !reach_.decision) reach_.decision = event.step;
        return;
      case Kind::kWithdrawal:
      case Kind::kErasure:
        if (event.about == leaf_) reach_.marks.push_back(event.step);
        return;
      case Kind::kAggregation:
        if (Lists(event) || rounds_.contains(event.round_id)) HoldState(event);
        return;
      case Kind::kRoundOpen:
        if (!states_.contains(event.step.digest)) return;
        rounds_.insert(event.round_id);
        reach_.steps.push_back(event.step);
        return;
      case Kind::kModelRelease:
        if (states_.contains(event.step.digest) || files_.contains(event.step.artifact)) HoldState(event);
        return;
      case Kind::kJob:
        if (!states_.contains(event.step.digest) && !files_.contains(event.base_artifact)) return;
        states_.insert(event.first_state);
        reach_.steps.push_back(event.step);
        return;
      default:
        return;
    }
  }

 private:
  bool Lists(const Event& event) const {
    return std::find(event.contributions.begin(), event.contributions.end(), leaf_) !=
           event.contributions.end();
  }
  void HoldState(const Event& event) {
    states_.insert(event.step.digest);
    files_.insert(event.step.artifact);
    reach_.steps.push_back(event.step);
  }

  const uint64_t leaf_;
  Reach& reach_;
  std::set<std::string> states_;  // tensor digests of what holds it
  std::set<std::string> files_;
  std::set<std::string> rounds_;  // ids of rounds that started from one of those
};

absl::StatusOr<Reach> Lineage::ReachOf(uint64_t leaf) const {
  const auto found = contributions_.find(leaf);
  if (found == contributions_.end()) {
    return absl::NotFoundError(
        leaf < size_ ? absl::StrCat("entry is not a contribution: leaf ", leaf)
                     : absl::StrCat("the ledger has no such entry: leaf ", leaf, ", it has ", size_));
  }
  const Event& start = events_[found->second];
  Reach reach;
  reach.contribution = start.step;
  reach.archive = start.archive;
  Walk walk(start, reach);
  for (size_t i = found->second + 1; i < events_.size(); ++i) walk.Pass(events_[i]);
  return reach;
}

}  // namespace consort::ledger
