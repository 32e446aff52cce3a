// A sequencer over a store of its own, with keys from fixed seeds and a clock that the test moves.
#ifndef CONSORT_TESTS_COORDINATOR_LEDGER_TEST_LEDGER_H_
#define CONSORT_TESTS_COORDINATOR_LEDGER_TEST_LEDGER_H_

#include <memory>
#include <string>
#include <vector>

#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"
#include "nlohmann/json.hpp"
#include "tests/support/simulated_executor.h"

namespace consort::testing {

// An Ed25519 key whose seed is 32 times `seed_byte`.
SigningKey TestKey(const std::string& name, char seed_byte, KeyAlgorithm algorithm = KeyAlgorithm::kEd25519);

// An entry as the sequencer is asked to append it.
struct OwnEntry {
  ledger::Kind kind;
  std::vector<ledger::Subject> subjects;
  nlohmann::json predicate;
};
// key-enrol of the coordinator: the first entry of every ledger.
OwnEntry CoordinatorEnrolled(const VerifierKey& log_key, const VerifierKey& entry_key);
// key-enrol of an archive that has proved that it has these keys.
OwnEntry ArchiveEnrolled(const std::string& name, const SigningKey& entries, const SigningKey& mirror,
                         const SigningKey& approval);

// A decision about a job that was cancelled before its entry was written: may stand anywhere, once a name.
OwnEntry JobCancelled(const std::string& name);

class TestLedger {
 public:
  // Leaves that the ledger begins with: the keys of the coordinator and of archive-uk-1, and a job.
  static constexpr uint64_t kFounded = 3;
  enum class Begin { kFounded, kEmpty };
  // `path`: of the database; ":memory:" ends with this. One that holds leaves is taken as it is. Failures end
  // the test program.
  explicit TestLedger(const std::string& path = ":memory:", Begin begin = Begin::kFounded);

  coordinator::Store& store() { return *store_; }
  coordinator::Sequencer& sequencer() { return *sequencer_; }
  SimulatedExecutor& executor() { return executor_; }
  const coordinator::LedgerIdentity& identity() const { return identity_; }
  const SigningKey& log_key() const { return log_key_; }
  const SigningKey& entry_key() const { return entry_key_; }
  const SigningKey& archive_key() const { return archive_key_; }
  const SigningKey& mirror_key() const { return mirror_key_; }
  const SigningKey& approval_key() const { return approval_key_; }

  // Appends one of our own entries, JobCancelled by default, in a transaction of its own.
  coordinator::Appended Append(const std::string& name) { return Append(JobCancelled(name)); }
  coordinator::Appended Append(const OwnEntry& entry);
  // A good approval of archive-uk-1 with `changes` merged into its predicate, signed by `signer`.
  std::string ArchiveEntry(int64_t node_seq, const nlohmann::json& changes, const SigningKey& signer) const;
  std::string ArchiveEntry(int64_t node_seq, const nlohmann::json& changes = nlohmann::json::object()) const {
    return ArchiveEntry(node_seq, changes, archive_key_);
  }
  // Offers an envelope as archive-uk-1's approval, in a transaction of its own.
  absl::StatusOr<coordinator::Appended> Offer(const std::string& envelope);
  uint64_t Size();

 private:
  coordinator::LedgerIdentity identity_{"example.org", "music", "ledger.example.org/music"};
  SigningKey log_key_;
  SigningKey entry_key_;
  SigningKey archive_key_;
  SigningKey mirror_key_;
  SigningKey approval_key_;
  SimulatedExecutor executor_;
  std::unique_ptr<coordinator::Store> store_;
  std::unique_ptr<coordinator::Sequencer> sequencer_;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COORDINATOR_LEDGER_TEST_LEDGER_H_
