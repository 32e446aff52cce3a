#include "common/ledger/note_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace consort::ledger {
namespace {

bool Holds(const std::vector<VerifierKey>& keys, const VerifierKey& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

NoteKeys::NoteKeys(Given given, const KeyBook* book) : given_(std::move(given)), book_(book) {}

std::vector<VerifierKey> NoteKeys::Newest(uint64_t size) const {
  if (!follows()) return given_.log;
  const std::vector<VerifierKey> in_force = book_->LogKeysAt(size);
  std::vector<VerifierKey> keys;
  bool reached = false;  // each log key was named by the ones before it
  for (const KeyBook::Known& known : book_->keys()) {
    if (known.purpose != KeyPurpose::kLog) continue;
    reached = reached || Holds(given_.log, known.key);
    if (reached && Holds(in_force, known.key)) keys.push_back(known.key);
  }
  return keys;
}

std::vector<VerifierKey> NoteKeys::Older(uint64_t size) const {
  return follows() ? book_->LogKeysAt(size) : given_.log;
}

std::vector<VerifierKey> NoteKeys::Witnesses(uint64_t size) const {
  std::vector<VerifierKey> keys = follows() ? book_->WitnessKeysAt(size) : given_.witnesses;
  if (given_.policy == nullptr) return keys;
  for (const VerifierKey& key : given_.policy->witness_keys()) {
    // A key that the ledger knows counts when the ledger says.
    const bool is_ours = follows() && book_->Find(key.KeyId()) != nullptr;
    if (!is_ours && !Holds(keys, key)) keys.push_back(key);
  }
  return keys;
}

absl::Status NoteKeys::CheckNamed() const {
  if (!follows()) return absl::OkStatus();
  for (const VerifierKey& key : given_.log) {
    const KeyBook::Known* const known = book_->Find(key.KeyId());
    if (known != nullptr && known->purpose == KeyPurpose::kLog && known->key == key) return absl::OkStatus();
  }
  return absl::FailedPreconditionError("the entries name none of the trusted log keys: it is another log");
}

std::string NoteKeys::WhyNot(const std::string& keyid, uint64_t size) const {
  const KeyBook::Known* const known = book_ == nullptr ? nullptr : book_->Find(keyid);
  if (known == nullptr || known->purpose != KeyPurpose::kLog) return "";
  if (known->revoked && *known->revoked < size)
    return absl::StrCat("; it is signed by ", keyid, ", which entry ", *known->revoked, " revoked");
  if (known->from >= size)
    return absl::StrCat("; it is signed by ", keyid, ", which only entry ", known->from, " names");
  return "";
}

std::string NoteKeys::HowTrusted(const std::string& keyid) const {
  if (std::any_of(given_.log.begin(), given_.log.end(),
                  [&](const VerifierKey& key) { return key.KeyId() == keyid; })) {
    return "";
  }
  const KeyBook::Known* const known = book_ == nullptr ? nullptr : book_->Find(keyid);
  if (known == nullptr || known->purpose != KeyPurpose::kLog) return "";
  return absl::StrCat(" (by the rotation at entry ", known->from, ")");
}

}  // namespace consort::ledger
