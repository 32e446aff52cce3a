// What entries may say, given what was said before: who may sign what, that rounds are opened before they are
// contributed to, that a decision names a contribution that exists. A state machine fed entry by entry; the
// same for everyone who replays a ledger. Signatures themselves are checked by OpenEntry.
#ifndef CONSORT_COMMON_LEDGER_RULES_H_
#define CONSORT_COMMON_LEDGER_RULES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "common/ledger/key_book.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/policy.h"
#include "common/ledger/undo_log.h"
#include "nlohmann/json_fwd.hpp"

namespace consort::ledger {

// What becomes of an archive's claim that fits nothing: members that its kind needs are missing or its
// subjects do not name them, a job or round that is not there, an archive outside the cohort, a second
// contribution or one after the aggregation, an evaluation of another model, a rotation that is not its own
// to make. Content that its round does not want (another base or manifest, too large a weight, a payload that
// is not what was said) is no such fault: the claim fits its round, is a leaf, and its decision must reject
// it.
enum class IdleClaims {
  kAllow,   // it is a leaf without effect: how whoever reads a ledger goes on
  kRefuse,  // it is an error and never becomes a leaf: how whoever writes one takes entries in
};

// Memory grows with jobs, rounds and contributions. Not thread-safe.
class Rules {
 public:
  // `origin`: the log's. `tree`: borrowed; must hold the leaves before each entry that is fed.
  Rules(absl::string_view origin, const MemoryTree& tree);
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  // Judges the entry at `index`, the next one, and remembers it. `signers` as OpenEntry gives them.
  // Errors: PermissionDenied if its signer may not say this; InvalidArgument for a member that is missing or
  // does not fit; FailedPrecondition if what it refers to is not there or not in that state. After an error
  // nothing of the entry is remembered.
  absl::Status Feed(uint64_t index, const OpenedEntry& entry, const Digest& leaf_hash,
                    IdleClaims idle_claims = IdleClaims::kAllow);

  // For writers whose entries may yet fail to be stored: from this call on, what entries change can be taken
  // back. Memory grows with them until ForgetUndo.
  void KeepUndo() { undo_.Keep(); }
  // Where the rules stand now. A mark is good until ForgetUndo or an Undo to an older one.
  size_t Mark() const { return undo_.size(); }
  // Makes the rules what they were at `mark`; the tree is the caller's to cut (MemoryTree::Truncate).
  // Precondition: KeepUndo was called before the mark was taken.
  void Undo(size_t mark) { undo_.UndoTo(mark); }
  // What was fed so far stays.
  void ForgetUndo() { undo_.Forget(); }
  // Whether both would say the same of every entry that may follow.
  bool SameState(const Rules& other) const;

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
    bool operator==(const Archive&) const = default;
  };
  struct Approval {
    std::string archive;
    std::string decision;
    std::string plan_digest;
    bool operator==(const Approval&) const = default;
  };
  struct Job {
    std::string digest;
    std::set<std::string> manifests;
    std::map<uint64_t, Approval> approvals;  // by leaf index
    std::set<std::string> roster;            // archives; empty before the roster entry
    std::set<std::string> models;            // tensor digests that its aggregations made
    bool ended = false;                      // failed or cancelled
    bool operator==(const Job&) const = default;
  };
  // An archive's place in a round's cohort.
  struct Seat {
    uint64_t weight = 0;
    std::optional<uint64_t> contribution;  // leaf index
    bool operator==(const Seat&) const = default;
  };
  struct Round {
    std::string job_id;
    uint64_t number = 0;
    Digest base_digest{};
    Digest manifest_digest{};
    std::map<std::string, Seat> cohort;  // by archive
    std::optional<Digest> model_digest;  // once it is aggregated
    bool abandoned = false;
    bool operator==(const Round&) const = default;
  };
  enum class Outcome { kNone, kAccepted, kRejected };
  struct Contribution {
    std::string archive;
    Digest leaf_hash{};
    std::string round_id;  // empty for an idle one
    uint64_t weight = 0;
    bool content_fits = false;  // base, manifest and weight are what round-open says
    Outcome outcome = Outcome::kNone;
    bool withdrawn = false;
    bool operator==(const Contribution&) const = default;
  };
  // A salted commitment, wherever it stands.
  struct Commitment {
    std::map<uint64_t, std::string> owners;  // who signed the leaf that holds it, by its index
    bool erased = false;
    bool operator==(const Commitment&) const = default;
  };
  enum class Speaker { kCoordinator, kArchive, kStaff };  // whose key signs
  struct Said;                                            // the entry being judged

  absl::Status CheckOrigin(const Said& said) const;
  static Speaker SpeakerOf(Kind kind, const nlohmann::json& predicate);
  absl::Status CheckSigner(const Said& said) const;
  absl::Status CheckArchiveSeries(const Said& said) const;
  absl::Status CheckHead(const Said& said) const;
  absl::Status TakeClaim(const Said& said, IdleClaims idle_claims);
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
  absl::Status OnTemplates(const Said& said);
  absl::Status OnExplanation(const Said& said);
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
  std::map<uint64_t, bool> incidents_;                      // by leaf index: resolved
  std::map<std::string, std::set<std::string>> templates_;  // their ids, by leaf hash (hex)
  UndoLog undo_;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_RULES_H_
