// Makes a ledger of any length that keeps every rule: three archives, jobs of many rounds, entries of the
// size that real ones have, from fixed keys.
#ifndef CONSORT_TESTS_BENCH_LEDGER_MADE_LEDGER_H_
#define CONSORT_TESTS_BENCH_LEDGER_MADE_LEDGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "common/ledger/merkle_tree.h"
#include "nlohmann/json_fwd.hpp"

namespace consort::bench {

inline constexpr char kOrigin[] = "ledger.bench/music";

// A key of a fixed seed.
SigningKey KeyNamed(const std::string& name, KeyAlgorithm algorithm = KeyAlgorithm::kEd25519);
std::vector<std::string> ArchiveNames();

// The signed newest checkpoint of a tree, cosigned by every archive.
std::string CosignedNote(const ledger::MemoryTree& tree);
// The policy that asks for a majority of the archives.
std::string PolicyOfAll();

class MadeLedger {
 public:
  // `take` receives each entry; its error ends the work.
  explicit MadeLedger(std::function<absl::Status(absl::string_view)> take);

  // Makes entries until there are `count`.
  absl::Status MakeUntil(uint64_t count);
  const ledger::MemoryTree& tree() const { return tree_; }

 private:
  struct Archive {
    std::string name;
    SigningKey entries;
    SigningKey mirror;
    SigningKey approval;
    uint64_t node_seq = 0;
  };
  absl::Status Add(ledger::Kind kind, const std::vector<ledger::Subject>& subjects, nlohmann::json predicate,
                   const SigningKey& signer);
  nlohmann::json OfArchive(Archive& archive);
  absl::Status Enrol();
  absl::Status Plan();
  absl::Status Round();
  absl::Status Contribute(Archive& archive, const nlohmann::json& round, const std::string& base);

  std::function<absl::Status(absl::string_view)> take_;
  uint64_t end_ = 0;
  ledger::MemoryTree tree_;
  SigningKey coordinator_;
  std::vector<Archive> archives_;
  uint64_t rounds_ = 0;
  std::string job_id_;
  uint64_t sealed_ = 0;
  std::string sealed_root_;
  std::vector<uint64_t> contributions_;  // of the round
};

}  // namespace consort::bench

#endif  // CONSORT_TESTS_BENCH_LEDGER_MADE_LEDGER_H_
