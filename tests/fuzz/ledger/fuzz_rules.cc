// Whole ledgers as a dishonest log may serve them: entries in any order that say anything. The rules refuse
// or take each one and remember nothing of what they refused.
#include <cstdint>
#include <cstdlib>

#include "common/ledger/merkle_tree.h"
#include "common/ledger/rules.h"
#include "tests/fuzz/support/entry_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace consort::ledger;
  MemoryTree tree;
  Rules rules("ledger.demo/music", tree);
  MemoryTree written_tree;
  Rules written("ledger.demo/music", written_tree);  // by a coordinator that refuses claims that fit nothing
  written.KeepUndo();
  const Rules empty("ledger.demo/music", written_tree);
  for (const auto& line : consort::testing::EntryLines({reinterpret_cast<const char*>(data), size})) {
    const auto statement = ReadEntry(line.envelope);
    if (!statement.ok()) continue;
    const consort::Digest leaf = LeafHash(line.envelope);
    const OpenedEntry opened{*statement, {line.keyid}, ""};
    const size_t keys = rules.keys().keys().size();
    const auto fed = rules.Feed(tree.size(), opened, leaf);
    if (!fed.ok() && rules.keys().keys().size() != keys) std::abort();
    tree.Append(leaf);
    const size_t mark = written.Mark();
    if (written.Feed(written_tree.size(), opened, leaf, IdleClaims::kRefuse).ok()) {
      written_tree.Append(leaf);
    } else if (written.Mark() != mark) {
      std::abort();
    }
  }
  for (const uint64_t leaf : rules.UndecidedIdleContributions()) {
    if (!rules.idle_claims().contains(leaf)) std::abort();
  }
  if (!written.idle_claims().empty()) std::abort();
  written.Undo(0);
  if (!written.SameState(empty)) std::abort();
  return 0;
}
