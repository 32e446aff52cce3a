// Reads C2SP tlog-policy text.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ledger/policy.h"
#include "common/status/macros.h"

namespace consort::ledger {

class PolicyParser {
 public:
  absl::StatusOr<Policy> Parse(absl::string_view text) {
    if (text.size() > kMaxPolicyBytes)
      return absl::ResourceExhaustedError(absl::StrCat("policy is too large: ", text.size(), " bytes"));
    int number = 0;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      ++number;
      const absl::Status taken = Take(line);
      if (!taken.ok()) {
        return absl::Status(taken.code(), absl::StrCat("policy line ", number, ": ", taken.message()));
      }
    }
    if (!has_quorum_) return Bad("policy has no quorum line");
    return std::move(policy_);
  }

 private:
  using Items = std::vector<absl::string_view>;

  static absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(what); }

  absl::Status Take(absl::string_view line) {
    for (const char c : line) {
      const auto byte = static_cast<uint8_t>(c);
      if ((byte < ' ' && byte != '\t') || byte == 0x7F) return Bad("it holds a control character");
    }
    const Items items = absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (items.empty() || items[0][0] == '#') return absl::OkStatus();
    if (items[0] == "log") return TakeLog(items);
    if (items[0] == "witness") return TakeWitness(items);
    if (items[0] == "group") return TakeGroup(items);
    if (items[0] == "quorum") return TakeQuorum(items);
    return Bad("expected log, witness, group or quorum");
  }

  absl::Status TakeLog(const Items& items) {
    if (items.size() < 2 || items.size() > 3) return Bad("expected: log VKEY [URL]");
    ASSIGN_OR_RETURN(const VerifierKey key, NewKey(items[1], KeyAlgorithm::kEd25519));
    policy_.log_keys_.push_back(key);
    return absl::OkStatus();
  }

  absl::Status TakeWitness(const Items& items) {
    if (items.size() < 3 || items.size() > 4) return Bad("expected: witness NAME VKEY [URL]");
    RETURN_IF_ERROR(CheckNew(items[1]));
    ASSIGN_OR_RETURN(const VerifierKey key, NewKey(items[2], KeyAlgorithm::kCosignatureV1));
    policy_.names_.push_back(
        {.name = std::string(items[1]), .witness = static_cast<int>(policy_.witnesses_.size())});
    policy_.witnesses_.push_back(
        {std::string(items[1]), key, std::string(items.size() == 4 ? items[3] : "")});
    return absl::OkStatus();
  }

  absl::Status TakeGroup(const Items& items) {
    if (items.size() < 4) return Bad("expected: group NAME all|any|K MEMBER...");
    RETURN_IF_ERROR(CheckNew(items[1]));
    Policy::Name group{.name = std::string(items[1])};
    const int size = static_cast<int>(items.size()) - 3;
    ASSIGN_OR_RETURN(group.threshold, ThresholdOf(items[2], size));
    for (const absl::string_view member : absl::MakeSpan(items).subspan(3)) {
      const int found = Find(member);
      if (found == Policy::kNone) return Bad(absl::StrCat("no earlier line defines the member ", member));
      if (std::exchange(policy_.names_[found].in_group, true))
        return Bad(absl::StrCat("is in a group already: ", member));
      group.members.push_back(found);
    }
    policy_.names_.push_back(std::move(group));
    return absl::OkStatus();
  }

  absl::Status TakeQuorum(const Items& items) {
    if (items.size() != 2) return Bad("expected: quorum NAME");
    if (std::exchange(has_quorum_, true)) return Bad("a second quorum line");
    policy_.quorum_ = Find(items[1]);
    if (policy_.quorum_ != Policy::kNone || items[1] == "none") return absl::OkStatus();
    return Bad(absl::StrCat("no earlier line defines ", items[1]));
  }

  static absl::StatusOr<int> ThresholdOf(absl::string_view word, int members) {
    if (word == "all") return members;
    if (word == "any") return 1;
    int threshold = 0;
    if (absl::SimpleAtoi(word, &threshold) && absl::StrCat(threshold) == word && threshold >= 1 &&
        threshold <= members) {
      return threshold;
    }
    return Bad(absl::StrCat("threshold must be all, any or from 1 to ", members));
  }

  // C2SP tlog-policy: one public key has one part, whatever its names are.
  absl::StatusOr<VerifierKey> NewKey(absl::string_view vkey, KeyAlgorithm algorithm) const {
    ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Parse(vkey));
    if (key.algorithm() != algorithm) {
      return Bad(absl::StrCat("key of another algorithm; a log's is 01, a witness's 04: ", key.KeyId()));
    }
    const auto same = [&key](const VerifierKey& other) { return other.public_key() == key.public_key(); };
    const std::vector<VerifierKey> witnesses = policy_.witness_keys();
    if (std::any_of(policy_.log_keys_.begin(), policy_.log_keys_.end(), same) ||
        std::any_of(witnesses.begin(), witnesses.end(), same)) {
      return Bad(absl::StrCat("public key stands in the policy already: ", key.KeyId()));
    }
    return key;
  }

  absl::Status CheckNew(absl::string_view name) const {
    if (name == "none" || Find(name) != Policy::kNone)
      return Bad(absl::StrCat("name is taken already: ", name));
    if (policy_.names_.size() < kMaxPolicyNames) return absl::OkStatus();
    return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxPolicyNames, " names"));
  }

  int Find(absl::string_view name) const {
    for (size_t i = 0; i < policy_.names_.size(); ++i) {
      if (policy_.names_[i].name == name) return static_cast<int>(i);
    }
    return Policy::kNone;
  }

  Policy policy_;
  bool has_quorum_ = false;
};

absl::StatusOr<Policy> Policy::Parse(absl::string_view text) { return PolicyParser().Parse(text); }

}  // namespace consort::ledger
