// The rules of state, the tree and the keys as they stand after the stored leaves, in memory and in step with
// the transactions that append.
#ifndef CONSORT_COORDINATOR_LEDGER_LIVE_RULES_H_
#define CONSORT_COORDINATOR_LEDGER_LIVE_RULES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/ledger/entry.h"
#include "common/ledger/key_book.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/rules.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// What a policy-change leaf says.
struct PolicyLeaf {
  uint64_t index = 0;
  std::string text;  // C2SP tlog-policy
  int faulty = 0;
  std::string basis;  // majority, file
};

// Owned by the control executor. Memory grows with the ledger: some 100 bytes an entry.
class LiveRules {
 public:
  explicit LiveRules(absl::string_view origin) : rules_(origin, tree_) {}
  LiveRules(const LiveRules&) = delete;
  LiveRules& operator=(const LiveRules&) = delete;

  // Takes up all stored leaves, whose signatures were checked when they were appended. Once. Errors: DataLoss
  // naming the first leaf that does not follow from those before it; those of the store.
  absl::Status Load(Transaction& transaction);

  // Judges the entry that `transaction` is about to append and remembers it; if the transaction (or the part
  // of it around this call) is undone, so is this. A claim that fits nothing is an error here. Errors: those
  // of Rules::Feed, after which nothing is remembered; Internal.
  absl::Status Take(Transaction& transaction, uint64_t index, const ledger::OpenedEntry& entry,
                    const Digest& leaf_hash);

  const ledger::KeyBook& keys() const { return rules_.keys(); }
  const ledger::MemoryTree& tree() const { return tree_; }
  // In the order of their leaves.
  const std::vector<PolicyLeaf>& policies() const { return policies_; }
  // The newest one below `size`; null: none. Lives until the next Take.
  const PolicyLeaf* PolicyBelow(uint64_t size) const;
  // Leaf of the withdrawal, by leaf of the contribution that it withdraws.
  const std::map<uint64_t, uint64_t>& withdrawn() const { return withdrawn_; }
  // The entry keys whose series of node_seq the archive's key in force continues, that one included.
  std::vector<std::string> SeriesKeyIds(absl::string_view archive) const;

 private:
  absl::Status Follow(uint64_t index, const ledger::OpenedEntry& entry, const Digest& leaf_hash,
                      ledger::IdleClaims idle_claims);
  // What the rules do not keep.
  void Note(uint64_t index, const ledger::Statement& statement);

  ledger::MemoryTree tree_;
  ledger::Rules rules_;
  std::vector<PolicyLeaf> policies_;
  std::map<uint64_t, uint64_t> withdrawn_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_LEDGER_LIVE_RULES_H_
