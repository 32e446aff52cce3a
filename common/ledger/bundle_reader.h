// Reads the entries of an export bundle by bundle and does what needs no order, on several threads if asked:
// parsing, hashing and most signatures. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_BUNDLE_READER_H_
#define CONSORT_COMMON_LEDGER_BUNDLE_READER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry_keys.h"
#include "common/ledger/key_book.h"
#include "common/ledger/unchecked_entry.h"
#include "common/sync/mutex.h"

namespace consort::ledger {

// EntryKeys that threads share. Thread-safe; pointers stay good.
class SharedEntryKeys {
 public:
  void Add(absl::Span<const VerifierKey> keys) CONSORT_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    keys_.Add(keys);
  }
  void AddFrom(const KeyBook& book) CONSORT_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    keys_.AddFrom(book);
  }
  const VerifierKey* Find(absl::string_view keyid) const CONSORT_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return keys_.Find(keyid);
  }

 private:
  mutable Mutex mutex_;
  EntryKeys keys_ CONSORT_GUARDED_BY(mutex_);
};

struct ReadyEntry {
  absl::string_view envelope;
  Digest leaf_hash{};
  absl::StatusOr<UncheckedEntry> entry = absl::UnknownError("not parsed");
  // False: bad, not checked, or by a key that an entry shortly before may name: to be checked in its turn.
  bool signature_is_good = false;
};

struct BundleReading {
  std::string directory;
  uint64_t size = 0;                      // entries
  bool parse = true;                      // false: hashes only
  uint64_t check_from = 0;                // signatures of entries below it are not checked
  int threads = 1;                        // 1: on the caller's alone; more: so many beside it
  const SharedEntryKeys* keys = nullptr;  // borrowed
};

using TakeReadyEntry = std::function<absl::Status(uint64_t index, ReadyEntry& entry)>;  // may move from it

// Gives every entry to `take` in order, on the caller's thread. What `take` sees does not depend on the
// number of threads, if keys are added by `take` alone. Memory: some bundles. Errors: as ReadEntryBundles,
// after every entry before the bundle that failed was taken; those of `take`.
absl::Status ReadBundles(const BundleReading& reading, const TakeReadyEntry& take);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_BUNDLE_READER_H_
