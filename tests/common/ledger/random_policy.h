// Random tlog-policies with their meaning worked out the slow way: every subset of the witnesses is tried.
#ifndef CONSORT_TESTS_COMMON_LEDGER_RANDOM_POLICY_H_
#define CONSORT_TESTS_COMMON_LEDGER_RANDOM_POLICY_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"

namespace consort::testing {

inline SigningKey PolicyKey(const std::string& name, KeyAlgorithm algorithm) {
  return SigningKey::FromSeed(name, algorithm, ViewOf(Sha256Of("policy key " + name))).value();
}

// Subsets of witnesses are bit masks; witness i is called w<i>.
class RandomPolicy {
 public:
  explicit RandomPolicy(uint32_t seed, int max_witnesses) : random_(seed) {
    const int count = 1 + Below(max_witnesses);
    text_ = "# random\nlog " + PolicyKey("log.example", KeyAlgorithm::kEd25519).verifier().ToString() + "\n";
    std::vector<int> free;
    for (int i = 0; i < count; ++i) {
      const SigningKey key = PolicyKey(absl::StrCat("w", i), KeyAlgorithm::kCosignatureV1);
      keyids_.push_back(key.verifier().KeyId());
      absl::StrAppend(&text_, "witness w", i, " \t", key.verifier().ToString(), "\n");
      free.push_back(i);
      nodes_.push_back({i, 0, {}});
    }
    for (int groups = Below(4); groups >= 0 && !free.empty(); --groups) {
      std::shuffle(free.begin(), free.end(), random_);
      const int size = 1 + Below(static_cast<int>(free.size()));
      Node group{-1, 1 + Below(size), {free.end() - size, free.end()}};
      free.resize(free.size() - size);
      const int id = static_cast<int>(nodes_.size());
      absl::StrAppend(&text_, "group g", id, " ", group.threshold);
      for (const int member : group.members) absl::StrAppend(&text_, " ", member < count ? "w" : "g", member);
      text_ += "\n";
      nodes_.push_back(group);
      free.push_back(id);
    }
    quorum_ = static_cast<int>(nodes_.size()) - 1;
    absl::StrAppend(&text_, "quorum g", quorum_, "\n");
  }

  const std::string& text() const { return text_; }
  const std::vector<std::string>& keyids() const { return keyids_; }
  uint32_t subsets() const { return 1u << keyids_.size(); }
  bool IsQuorum(uint32_t subset) const { return Met(quorum_, subset); }

  int SmallestOverlap() const {
    int smallest = static_cast<int>(keyids_.size());
    for (uint32_t a = 0; a < subsets(); ++a) {
      if (!IsQuorum(a)) continue;
      for (uint32_t b = 0; b < subsets(); ++b)
        if (std::popcount(a & b) < smallest && IsQuorum(b)) smallest = std::popcount(a & b);
    }
    return smallest;
  }
  int SmallestShare(uint32_t subset) const {
    int smallest = static_cast<int>(keyids_.size());
    for (uint32_t a = 0; a < subsets(); ++a)
      if (IsQuorum(a)) smallest = std::min(smallest, std::popcount(a & subset));
    return smallest;
  }
  // Precondition: `subset` is a quorum.
  int SmallestQuorum(uint32_t subset) const {
    int smallest = static_cast<int>(keyids_.size());
    for (uint32_t a = 0; a < subsets(); ++a)
      if ((a & ~subset) == 0 && IsQuorum(a)) smallest = std::min(smallest, std::popcount(a));
    return smallest;
  }

 private:
  struct Node {
    int witness;  // -1: a group
    int threshold;
    std::vector<int> members;
  };
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  bool Met(int node, uint32_t subset) const {
    const Node& at = nodes_[node];
    if (at.witness >= 0) return (subset >> at.witness & 1) != 0;
    int met = 0;
    for (const int member : at.members) met += Met(member, subset) ? 1 : 0;
    return met >= at.threshold;
  }

  std::mt19937 random_;
  std::string text_;
  std::vector<std::string> keyids_;
  std::vector<Node> nodes_;
  int quorum_ = 0;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_LEDGER_RANDOM_POLICY_H_
