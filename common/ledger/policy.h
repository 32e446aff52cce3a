// Which witnesses must have cosigned a checkpoint: C2SP tlog-policy files, and whether the quorums of one
// leave a log that lies room for two histories.
#ifndef CONSORT_COMMON_LEDGER_POLICY_H_
#define CONSORT_COMMON_LEDGER_POLICY_H_

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/signing_key.h"

namespace consort::ledger {

inline constexpr size_t kMaxPolicyBytes = 64 * 1024;
inline constexpr size_t kMaxPolicyNames = 512;  // witnesses and groups; C2SP asks for at least 32 of each

// Immutable value. Witnesses are meant by the KeyIds of their keys.
class Policy {
 public:
  struct Witness {
    std::string name;  // within the policy
    VerifierKey key;   // algorithm 04
    std::string url;   // empty: none
  };
  // Two quorums with as few witnesses in common as there can be.
  struct Overlap {
    int witnesses = 0;
    std::vector<std::string> first;  // names within the policy
    std::vector<std::string> second;
  };

  // Errors: InvalidArgument naming the line: another keyword, a log key that is not of algorithm 01 or a
  // witness key that is not of 04, a public key or name used twice, a member that no earlier line defines or
  // that is in a group already, a threshold out of range, no or two quorum lines, a control character;
  // ResourceExhausted past kMaxPolicyBytes or kMaxPolicyNames.
  static absl::StatusOr<Policy> Parse(absl::string_view text);

  const std::vector<VerifierKey>& log_keys() const { return log_keys_; }
  const std::vector<Witness>& witnesses() const { return witnesses_; }
  std::vector<VerifierKey> witness_keys() const;
  bool asks_for_no_witness() const { return quorum_ == kNone; }

  // Says whether cosignatures of these keys are enough. Keys that are no witness count for nothing.
  bool IsQuorum(const std::set<std::string>& keyids) const;

  // The smallest number of witnesses that two quorums share, exactly: every name is in at most one group, so
  // two quorums of a group k of m must share 2k - m members at least, any ones, and what they share in a
  // member is independent of the rest. Two histories need that many witnesses who sign both; 0: the log alone
  // can lie.
  Overlap SmallestOverlap() const;

  // The smallest number of these keys that any quorum holds. More than f: whoever heard from all of them has
  // heard from an honest member of every quorum that there ever was.
  int SmallestShare(const std::set<std::string>& keyids) const;

  // A quorum of as few of these keys as can be; all of them that are witnesses if they make no quorum.
  std::set<std::string> SmallestQuorum(const std::set<std::string>& keyids) const;

  // Errors: InvalidArgument naming two quorums that share no more than `faulty` witnesses: with so many
  // dishonest ones the log could show two histories.
  absl::Status CheckSafe(int faulty) const;

 private:
  static constexpr int kNone = -1;
  // A witness (no members) or a group. Members stand before their groups.
  struct Name {
    std::string name;
    int witness = kNone;  // index into witnesses_
    int threshold = 0;
    std::vector<int> members;
    bool in_group = false;
  };
  friend class PolicyParser;

  std::vector<VerifierKey> log_keys_;
  std::vector<Witness> witnesses_;
  std::vector<Name> names_;
  int quorum_ = kNone;
};

// How many of `witnesses` may be dishonest if nobody says: floor((n - 1) / 3).
int DefaultFaulty(int witnesses);

// The policy that asks for floor((n + f) / 2) + 1 of all n witnesses, so that two quorums share more than f;
// `quorum none` for no witnesses. Errors: InvalidArgument if f is negative or not smaller than n (n > 0), or
// as Policy::Parse.
absl::StatusOr<std::string> MajorityPolicy(const VerifierKey& log_key,
                                           absl::Span<const VerifierKey> witness_keys, int faulty);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_POLICY_H_
