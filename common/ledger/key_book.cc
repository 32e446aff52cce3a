#include "common/ledger/key_book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace consort::ledger {
namespace {

constexpr KeyPurpose kPurposes[] = {KeyPurpose::kLog, KeyPurpose::kEntries, KeyPurpose::kMirror,
                                    KeyPurpose::kApproval};

bool Covers(uint64_t size, const std::optional<uint64_t>& leaf) { return leaf && *leaf < size; }

void AddOnce(std::vector<VerifierKey>& keys, const VerifierKey& key) {
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
}

}  // namespace

absl::string_view PurposeName(KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::kLog:
      return "log";
    case KeyPurpose::kEntries:
      return "entries";
    case KeyPurpose::kMirror:
      return "mirror";
    case KeyPurpose::kApproval:
      return "approval";
  }
  return "";
}

absl::StatusOr<KeyPurpose> PurposeFromName(absl::string_view name) {
  for (const KeyPurpose purpose : kPurposes) {
    if (PurposeName(purpose) == name) return purpose;
  }
  return absl::InvalidArgumentError("a key's purpose is log, entries, mirror or approval");
}

void KeyBook::Enrol(absl::string_view owner, KeyPurpose purpose, const VerifierKey& key, uint64_t index) {
  keys_.push_back({std::string(owner), purpose, key, index, std::nullopt, std::nullopt});
}

void KeyBook::Rotate(absl::string_view owner, KeyPurpose purpose, const VerifierKey& key, uint64_t index) {
  for (Known& known : keys_) {
    if (known.owner == owner && known.purpose == purpose && !known.revoked && !known.replaced)
      known.replaced = index;
  }
  Enrol(owner, purpose, key, index);
}

void KeyBook::Revoke(absl::string_view keyid, uint64_t index) {
  for (Known& known : keys_) {
    if (known.key.KeyId() == keyid && !known.revoked) known.revoked = index;
  }
}

void KeyBook::RevokeAll(absl::string_view owner, uint64_t index) {
  for (Known& known : keys_) {
    if (known.owner == owner && !known.revoked) known.revoked = index;
  }
}

const KeyBook::Known* KeyBook::InForce(absl::string_view owner, KeyPurpose purpose) const {
  const auto found = std::find_if(keys_.rbegin(), keys_.rend(), [&](const Known& known) {
    return known.owner == owner && known.purpose == purpose && known.in_force();
  });
  return found == keys_.rend() ? nullptr : &*found;
}

const KeyBook::Known* KeyBook::Find(absl::string_view keyid) const {
  const auto found = std::find_if(keys_.rbegin(), keys_.rend(),
                                  [&](const Known& known) { return known.key.KeyId() == keyid; });
  return found == keys_.rend() ? nullptr : &*found;
}

const KeyBook::Known* KeyBook::SuccessorAt(absl::string_view keyid, uint64_t size) const {
  const Known* known = Find(keyid);
  while (known != nullptr && known->replaced.has_value() && *known->replaced < size) {
    const auto next = std::find_if(keys_.begin(), keys_.end(), [known](const Known& later) {
      return later.owner == known->owner && later.purpose == known->purpose && later.from == *known->replaced;
    });
    if (next == keys_.end()) break;
    known = &*next;
  }
  return known;
}

bool KeyBook::HasPublicKey(const VerifierKey& key) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Known& known) { return known.key.public_key() == key.public_key(); });
}

std::vector<VerifierKey> KeyBook::LogKeysAt(uint64_t size) const {
  std::vector<VerifierKey> keys;
  for (const Known& known : keys_) {
    if (known.purpose != KeyPurpose::kLog || Covers(size, known.revoked)) continue;
    if (known.from == 0 || known.from < size) AddOnce(keys, known.key);
  }
  return keys;
}

std::vector<VerifierKey> KeyBook::WitnessKeysAt(uint64_t size) const {
  std::vector<VerifierKey> keys;
  for (const Known& known : keys_) {
    if (known.purpose != KeyPurpose::kMirror || known.from >= size) continue;
    if (!Covers(size, known.replaced) && !Covers(size, known.revoked)) AddOnce(keys, known.key);
  }
  return keys;
}

std::vector<VerifierKey> KeyBook::EntryKeys() const {
  std::vector<VerifierKey> keys;
  for (const Known& known : keys_) {
    if (known.purpose == KeyPurpose::kEntries || known.purpose == KeyPurpose::kApproval)
      AddOnce(keys, known.key);
  }
  return keys;
}

std::string KeyBook::Lines(KeyPurpose purpose) const {
  std::vector<VerifierKey> keys;
  for (const Known& known : keys_) {
    if (known.purpose == purpose) AddOnce(keys, known.key);
  }
  std::string lines;
  for (const VerifierKey& key : keys) absl::StrAppend(&lines, key.ToString(), "\n");
  return lines;
}

}  // namespace consort::ledger
