// Whose signatures count on a checkpoint of some size: what the verifier was given, and what the ledger's own
// entries say of keys since. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_NOTE_KEYS_H_
#define CONSORT_COMMON_LEDGER_NOTE_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/key_book.h"
#include "common/ledger/policy.h"

namespace consort::ledger {

class NoteKeys {
 public:
  struct Given {
    std::vector<VerifierKey> log;
    std::vector<VerifierKey> witnesses;  // those of the export; of no weight once the entries are known
    const Policy* policy = nullptr;      // borrowed; null: none
  };
  // `book`: of the entries that were read; null or empty: they were not. Borrowed.
  NoteKeys(Given given, const KeyBook* book);

  // Log keys for the newest checkpoint: given ones and those that follow by rotation, in force at its size.
  std::vector<VerifierKey> Newest(uint64_t size) const;
  // For an older one, which the newest proves to be a prefix: whatever was in force at its size.
  std::vector<VerifierKey> Older(uint64_t size) const;
  // The policy's witnesses and the ledger's that count at that size.
  std::vector<VerifierKey> Witnesses(uint64_t size) const;

  // Errors: FailedPrecondition if the entries do not name a given log key at all; they are of another log
  // then, whatever its name.
  absl::Status CheckNamed() const;
  // Why a signature of that log key does not count at `size`: " (revoked by entry N)"; empty if it is
  // unknown.
  std::string WhyNot(const std::string& keyid, uint64_t size) const;
  // " (by the rotation at entry N)" for a key that was not given; empty for others.
  std::string HowTrusted(const std::string& keyid) const;

 private:
  bool follows() const { return book_ != nullptr && !book_->keys().empty(); }

  const Given given_;
  const KeyBook* const book_;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_NOTE_KEYS_H_
