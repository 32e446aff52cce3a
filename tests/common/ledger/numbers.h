// A log of entries that nobody reads: trees and tiles do not care what stands in them.
#ifndef CONSORT_TESTS_COMMON_LEDGER_NUMBERS_H_
#define CONSORT_TESTS_COMMON_LEDGER_NUMBERS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export.h"
#include "common/ledger/merkle_tree.h"

namespace consort::testing {

struct Numbers {
  explicit Numbers(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) Append();
  }
  void Append() {
    entries.push_back(absl::StrCat("entry ", entries.size()));
    tree.Append(ledger::LeafHash(entries.back()));
  }
  ledger::ExportSource Source(const std::vector<uint64_t>& sizes) {
    ledger::ExportSource source;
    source.read = [this](uint64_t start, uint64_t end,
                         const std::function<absl::Status(absl::string_view)>& take) {
      for (uint64_t i = start; i < end; ++i) {
        if (absl::Status status = take(entries[i]); !status.ok()) return status;
      }
      return absl::OkStatus();
    };
    for (uint64_t size : sizes)
      source.checkpoints.push_back(ledger::SignCheckpoint({"log", size, tree.Root(size).value()}, key));
    source.keys.log_vkeys = {key.verifier().ToString()};
    source.subtree = tree.Reader();
    return source;
  }

  std::vector<std::string> entries;
  ledger::MemoryTree tree;
  SigningKey key = SigningKey::Generate("log");
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_LEDGER_NUMBERS_H_
