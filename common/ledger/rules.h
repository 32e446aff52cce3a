// What entries may say, given what was said before: who may sign what, that rounds are opened before they are
// contributed to, that a decision names a contribution that exists. A state machine fed entry by entry; the
// same for everyone who replays a ledger. Signatures themselves are checked by OpenEntry.
#ifndef CONSORT_COMMON_LEDGER_RULES_H_
#define CONSORT_COMMON_LEDGER_RULES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "common/ledger/key_book.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/policy.h"
#include "nlohmann/json_fwd.hpp"

namespace consort::ledger {

// Memory grows with jobs, rounds and contributions. Not thread-safe.
class Rules {
 public:
  // `origin`: the log's. `tree`: borrowed; must hold the leaves before each entry that is fed.
  Rules(absl::string_view origin, const MemoryTree& tree);

  // Judges the entry at `index`, the next one, and remembers it. `signers` as OpenEntry gives them.
  // Errors: PermissionDenied if its signer may not say this; InvalidArgument for a member that is missing or
  // does not fit; FailedPrecondition if what it refers to is not there or not in that state. After an error
  // nothing of the entry is remembered.
  absl::Status Feed(uint64_t index, const OpenedEntry& entry, const Digest& leaf_hash);

  // Claims of archives that fit nothing, by leaf index, with the reason.
  const std::map<uint64_t, std::string>& idle_claims() const { return idle_claims_; }
  // The idle contributions that no decision has rejected: at the end of a ledger there must be none.
  std::vector<uint64_t> UndecidedIdleContributions() const;

  // Every key that entries have named so far, revoked ones included: what they signed before stays good.
  const KeyBook& keys() const { return keys_; }
  // Text of each policy-change, by leaf index.
  const std::map<uint64_t, std::string>& policies() const { return policies_; }

 private:
  struct Archive {
    std::string keyid;  // of the entry key in force
    std::string entries_vkey;
    bool revoked = false;
    uint64_t node_seq = 0;   // last one used since it was enrolled
    uint64_t head_size = 0;  // size of the newest prev_head
  };
  struct Approval {
    std::string archive;
    std::string decision;
    std::string plan_digest;
  };
  struct Job {
    std::string digest;
    std::set<std::string> manifests;
    std::map<uint64_t, Approval> approvals;  // by leaf index
    std::set<std::string> roster;            // archives; empty before the roster entry
    std::set<std::string> models;            // tensor digests that its aggregations made
    bool ended = false;                      // failed or cancelled
  };
  struct Round {
    std::string job_id;
    uint64_t number = 0;
    std::string base_digest;
    std::string manifest_digest;
    std::map<std::string, uint64_t> cohort;         // weight by archive
    std::map<std::string, uint64_t> contributions;  // leaf index by archive
    std::string model_digest;                       // empty before aggregation
    bool abandoned = false;
  };
  struct Contribution {
    std::string archive;
    std::string leaf_hash;
    std::string round_id;  // empty for an idle one, as are the next three
    std::string base_digest;
    std::string manifest_digest;
    uint64_t weight = 0;
    std::string outcome;  // empty before the decision
    bool withdrawn = false;
  };
  // A salted commitment, wherever it stands.
  struct Commitment {
    std::map<uint64_t, std::string> owners;  // who signed the leaf that holds it, by its index
    bool erased = false;
  };
  enum class Speaker { kCoordinator, kArchive, kStaff };  // whose key signs
  struct Said;                                            // the entry being judged

  absl::Status CheckOrigin(const Said& said) const;
  static Speaker SpeakerOf(Kind kind, const nlohmann::json& predicate);
  absl::Status CheckSigner(const Said& said) const;
  absl::Status CheckArchiveSeries(const Said& said) const;
  absl::Status CheckHead(const Said& said) const;
  absl::Status TakeClaim(const Said& said);
  absl::Status Judge(const Said& said);

  absl::Status OnKeyEnrol(const Said& said);
  absl::Status EnrolCoordinator(const Said& said, const VerifierKey& key);
  absl::Status EnrolArchive(const Said& said, const VerifierKey& key);
  absl::Status OnKeyRotate(const Said& said);
  absl::Status OnKeyRevoke(const Said& said);
  absl::Status RevokeMember(const Said& said);
  absl::Status RevokeOneKey(const Said& said);
  absl::Status OnPolicyChange(const Said& said);
  absl::Status CheckPolicyKeys(const Policy& policy) const;
  absl::Status OnWithdrawal(const Said& said);
  absl::Status OnErasure(const Said& said);
  absl::Status OnIncident(const Said& said);
  absl::Status CheckCommitments(const Said& said) const;
  void NoteCommitments(const Said& said);
  absl::Status OnJob(const Said& said);
  absl::Status OnApproval(const Said& said);
  absl::Status OnRoster(const Said& said);
  absl::Status OnRoundOpen(const Said& said);
  absl::Status OnContribution(const Said& said);
  absl::Status OnDecision(const Said& said);
  absl::Status DecideJob(const Said& said);
  absl::Status DecideRound(const Said& said);
  absl::Status DecideContribution(const Said& said);
  absl::Status CheckAcceptable(const Contribution& contribution, const Said& said) const;
  absl::Status OnAggregation(const Said& said);
  absl::Status OnEvaluation(const Said& said);
  absl::Status OnModelRelease(const Said& said);

  absl::StatusOr<Job*> FindJob(const Said& said);
  absl::StatusOr<Round*> FindRound(const Said& said);

  std::string origin_;
  std::string federation_;  // NAME in ledger.<NAME>/<project>
  const MemoryTree& tree_;
  std::string project_;            // as leaf 0 says
  std::string coordinator_keyid_;  // as leaf 0 says
  KeyBook keys_;
  std::map<std::string, Archive> archives_;
  std::map<std::string, Job> jobs_;
  std::map<std::string, Round> rounds_;
  std::map<uint64_t, Contribution> contributions_;  // by leaf index
  std::map<uint64_t, std::string> idle_claims_;
  std::map<std::string, Commitment> commitments_;  // by their hex digits
  std::set<std::string> staff_ids_;                // withdrawal_id and erasure_id
  std::map<uint64_t, std::string> policies_;
  std::map<uint64_t, bool> incidents_;  // by leaf index: resolved
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_RULES_H_
