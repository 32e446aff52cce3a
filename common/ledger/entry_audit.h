// Judges every entry of an export once, in order. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_ENTRY_AUDIT_H_
#define CONSORT_COMMON_LEDGER_ENTRY_AUDIT_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/bundle_reader.h"
#include "common/ledger/findings.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/rules.h"
#include "common/ledger/tile_builder.h"
#include "common/ledger/tile_comparer.h"

namespace consort::ledger {

class EntryAudit {
 public:
  struct Scope {
    bool entries = true;      // false: only hashes and tiles are judged
    uint64_t check_from = 0;  // signatures of entries below it are taken on trust
  };
  // `keys`: entry keys known beforehand; others count from the leaf that names them on. The rest is borrowed.
  EntryAudit(const std::vector<VerifierKey>& keys, absl::string_view origin, const Scope& scope,
             TileComparer& tiles, Findings& findings);
  EntryAudit(const EntryAudit&) = delete;
  EntryAudit& operator=(const EntryAudit&) = delete;

  // Judges the next entry; what is wrong goes to the findings ("signatures", "replay", "rules", "tiles").
  // Errors: InvalidArgument for an entry that no tile can hold.
  absl::Status Take(uint64_t index, ReadyEntry& ready);
  // To be called once every entry was taken.
  absl::Status Finish();

  const SharedEntryKeys& keys() const { return keys_; }
  const MemoryTree& tree() const { return tree_; }
  const Rules& rules() const { return rules_; }
  // What to say of the signatures and the rules when they hold.
  std::string SignersNote() const;
  std::string ClaimsNote() const;

 private:
  absl::Status CheckSignature(uint64_t index, const ReadyEntry& ready) const;
  void CheckReplay(uint64_t index, const Digest& payload_digest);
  void FollowRules(uint64_t index, const OpenedEntry& entry, const Digest& leaf_hash);

  const Scope scope_;
  const std::vector<VerifierKey> given_;
  Findings& findings_;
  SharedEntryKeys keys_;
  size_t named_ = 0;  // how many of the rules' keys are among them
  MemoryTree tree_;
  Rules rules_;
  TileBuilder builder_;
  absl::flat_hash_map<Digest, uint64_t> payloads_;  // index by payload digest
  std::set<std::string> signers_;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_ENTRY_AUDIT_H_
