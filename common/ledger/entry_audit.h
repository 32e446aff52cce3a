// Reads every entry of an export once, in order, and judges it. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_ENTRY_AUDIT_H_
#define CONSORT_COMMON_LEDGER_ENTRY_AUDIT_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/findings.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/rules.h"
#include "common/ledger/tile_builder.h"
#include "common/ledger/tile_comparer.h"

namespace consort::ledger {

class EntryAudit {
 public:
  // `keys`: entry keys known beforehand; others count from the leaf that names them on. The rest is borrowed.
  EntryAudit(std::vector<VerifierKey> keys, absl::string_view origin, TileComparer& tiles,
             Findings& findings);
  EntryAudit(const EntryAudit&) = delete;
  EntryAudit& operator=(const EntryAudit&) = delete;

  // Judges the next entry; what is wrong goes to the findings ("signatures", "replay", "rules", "tiles").
  // Errors: InvalidArgument for an entry that no tile can hold.
  absl::Status Take(uint64_t index, absl::string_view envelope);
  // To be called once every entry was taken.
  absl::Status Finish();

  const MemoryTree& tree() const { return tree_; }
  // What to say of the signatures and the rules when they hold.
  std::string SignersNote() const;
  std::string ClaimsNote() const;

 private:
  void CheckReplay(uint64_t index, const OpenedEntry& entry);
  void FollowRules(uint64_t index, const OpenedEntry& entry, const Digest& leaf_hash);

  std::vector<VerifierKey> known_;
  const size_t given_;
  size_t named_ = 0;  // how many of the rules' keys are among them
  Findings& findings_;
  MemoryTree tree_;
  Rules rules_;
  TileBuilder builder_;
  std::map<std::string, uint64_t> payloads_;  // index by payload digest
  std::set<std::string> signers_;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_ENTRY_AUDIT_H_
