#include "common/ledger/follower.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

absl::Status At(uint64_t index, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("entry ", index, ": ", status.message()));
}

// The entry key that the first entry names. A log may have been under other keys than the pinned ones for
// long.
absl::StatusOr<VerifierKey> KeyNamedBy(const Statement& statement) {
  const auto named = statement.parsed->find("entries_vkey");
  if (statement.kind != Kind::kKeyEnrol || named == statement.parsed->end() || !named->is_string()) {
    return absl::FailedPreconditionError("the first entry must enrol the coordinator's keys (key-enrol)");
  }
  return VerifierKey::Parse(named->get_ref<const std::string&>());
}

}  // namespace

Follower::Follower(Trust trust, IdleClaims idle_claims)
    : trust_(std::move(trust)), idle_claims_(idle_claims), rules_(trust_.origin, tree_) {
  entry_keys_.Add(trust_.entry_keys);
}

absl::Status Follower::Take(absl::string_view envelope, Signatures signatures) {
  const uint64_t index = size();
  absl::StatusOr<UncheckedEntry> entry = ReadUnchecked(envelope);
  if (!entry.ok()) return At(index, entry.status());
  if (signatures == Signatures::kCheck) {
    if (const absl::Status good = CheckSignature(*entry); !good.ok()) return At(index, good);
  }
  if (entry->is_of_later_kind) return At(index, LaterKind());
  const Digest payload = entry->payload_digest;
  if (const auto known = payloads_.find(payload); known != payloads_.end())
    return absl::AlreadyExistsError(absl::StrCat("entry ", index, " repeats entry ", known->second));
  const Digest leaf_hash = LeafHash(envelope);
  const absl::Status fed = rules_.Feed(index, Opened(*std::move(entry)), leaf_hash, idle_claims_);
  if (!fed.ok()) return At(index, fed);
  payloads_.emplace(payload, index);
  tree_.Append(leaf_hash);
  entry_keys_.AddFrom(rules_.keys());
  return absl::OkStatus();
}

absl::Status Follower::CheckSignature(const UncheckedEntry& entry) const {
  std::optional<VerifierKey> own;
  if (size() == 0 && !entry.is_of_later_kind) {
    ASSIGN_OR_RETURN(own, KeyNamedBy(entry.statement));
  }
  return CheckSignatures(entry, [&](absl::string_view keyid) -> const VerifierKey* {
    if (own && IsEntryKey(*own) && own->KeyId() == keyid) return &*own;
    return entry_keys_.Find(keyid);
  });
}

absl::Status Follower::CheckPinned() const {
  const auto check = [this](const std::vector<VerifierKey>& pinned, KeyPurpose purpose) -> absl::Status {
    for (const VerifierKey& key : pinned) {
      const bool named =
          std::any_of(keys().keys().begin(), keys().keys().end(), [&](const KeyBook::Known& known) {
            return known.owner == "coordinator" && known.purpose == purpose && known.key == key;
          });
      if (!named) {
        return absl::UnauthenticatedError(absl::StrCat(
            "ledger does not name a key that was pinned as its coordinator's; it may be another ledger: ",
            key.KeyId(), ", ", size(), " entries"));
      }
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(check(trust_.log_keys, KeyPurpose::kLog));
  return check(trust_.entry_keys, KeyPurpose::kEntries);
}

}  // namespace consort::ledger
