// The keys that may have signed entries, by their KeyIds. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_ENTRY_KEYS_H_
#define CONSORT_COMMON_LEDGER_ENTRY_KEYS_H_

#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/key_book.h"
#include "common/ledger/unchecked_entry.h"

namespace consort::ledger {

// Keys are added and never removed, and pointers to them stay good: which leaves a key counts for is the
// rules' business, and what a key signed before it was revoked stays good. Not thread-safe.
class EntryKeys {
 public:
  // Of two keys of one KeyId the first counts; keys that sign no entries are left out.
  void Add(absl::Span<const VerifierKey> keys) {
    for (const VerifierKey& key : keys) {
      if (IsEntryKey(key)) keys_.emplace(key.KeyId(), key);
    }
  }
  // Adds the keys that `book` has named since the last call.
  void AddFrom(const KeyBook& book) {
    for (; named_ < book.keys().size(); ++named_) {
      const KeyBook::Known& known = book.keys()[named_];
      if (known.purpose == KeyPurpose::kEntries || known.purpose == KeyPurpose::kApproval)
        keys_.emplace(known.key.KeyId(), known.key);
    }
  }
  const VerifierKey* Find(absl::string_view keyid) const {
    const auto found = keys_.find(keyid);
    return found == keys_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, VerifierKey, std::less<>> keys_;
  size_t named_ = 0;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_ENTRY_KEYS_H_
