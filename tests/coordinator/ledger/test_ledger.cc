#include "tests/coordinator/ledger/test_ledger.h"

#include "common/crypto/digest.h"
#include "common/ledger/merkle_tree.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::testing {

SigningKey TestKey(const std::string& name, char seed_byte, KeyAlgorithm algorithm) {
  return SigningKey::FromSeed(name, algorithm, std::string(32, seed_byte)).value();
}

TestLedger::TestLedger(const std::string& path)
    : log_key_(TestKey(identity_.origin, 1)),
      entry_key_(TestKey("coordinator.example.org/entries", 2)),
      archive_key_(TestKey("archive-uk-1.example.org/entries", 3)),
      store_(coordinator::SqliteStore::Open(path).value()),
      sequencer_(coordinator::Sequencer::Open(*store_, identity_, log_key_, entry_key_, executor_).value()) {}

coordinator::Appended TestLedger::Append(const std::string& name) {
  coordinator::Appended appended;
  const absl::Status status = store_->Transact([&](coordinator::Transaction& transaction) {
    auto result = sequencer_->AppendOwn(transaction, ledger::Kind::kDecision, {{name, Sha256Hex(name)}},
                                        {{"about", name}});
    if (result.ok()) appended = *result;
    return result.status();
  });
  if (!status.ok()) std::abort();
  return appended;
}

std::string TestLedger::ArchiveEntry(int64_t node_seq, const nlohmann::json& changes,
                                     const SigningKey& signer) const {
  nlohmann::json predicate = {
      {"origin", identity_.origin},
      {"project", identity_.project},
      {"archive", "archive-uk-1"},
      {"node_seq", node_seq},
      {"prev_head", {{"size", 0}, {"root", HexOf(ledger::EmptyRoot())}}},
      {"round_id", std::string(32, 'a')},
  };
  predicate.update(changes);
  return ledger::SealEntry(ledger::Kind::kContribution, {{"update", Sha256Hex("update")}}, predicate,
                           {&signer})
      .value();
}

absl::StatusOr<coordinator::Appended> TestLedger::Offer(const std::string& envelope) {
  coordinator::Appended appended;
  const absl::Status status = store_->Transact([&](coordinator::Transaction& transaction) {
    auto result = sequencer_->AppendFromArchive(transaction, ledger::Kind::kContribution, "archive-uk-1",
                                                archive_key_.verifier(), envelope);
    if (result.ok()) appended = *result;
    return result.status();
  });
  if (!status.ok()) return status;
  return appended;
}

uint64_t TestLedger::Size() {
  uint64_t size = 0;
  const absl::Status status = store_->Transact([&](coordinator::Transaction& transaction) {
    const auto result = transaction.LedgerSize();
    size = result.value_or(0);
    return result.status();
  });
  if (!status.ok()) std::abort();
  return size;
}

}  // namespace consort::testing
