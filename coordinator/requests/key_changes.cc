#include "coordinator/requests/key_changes.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/key_book.h"
#include "common/status/macros.h"
#include "coordinator/rounds/archive_entries.h"
#include "coordinator/rounds/entry_outcome.h"
#include "nlohmann/json.hpp"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;

constexpr char kCoordinator[] = "coordinator";
constexpr std::array<absl::string_view, 4> kReasons = {"lost-key", "left", "misbehaved", "superseded"};

absl::StatusOr<nlohmann::json> PredicateOf(absl::string_view entry) {
  ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(entry));
  return ledger::ParseStrictJson(statement.predicate);
}

// Of the owner's certificate; the coordinator's stands in the first leaf.
absl::StatusOr<std::string> CertificateOf(Transaction& transaction, const std::string& owner) {
  if (owner != kCoordinator) {
    ASSIGN_OR_RETURN(const MemberRow member, transaction.GetMember(v1::ROLE_ARCHIVE, owner));
    return member.certificate_fingerprint;
  }
  ASSIGN_OR_RETURN(const LeafRow first, transaction.GetLeaf(0));
  ASSIGN_OR_RETURN(const nlohmann::json predicate, PredicateOf(first.body));
  return predicate.value("certificate_sha256", "");
}

std::string* FieldOf(MemberRow& member, absl::string_view purpose) {
  if (purpose == "entries") return &member.entries_vkey;
  if (purpose == "mirror") return &member.mirror_vkey;
  return purpose == "approval" ? &member.approval_vkey : nullptr;
}

}  // namespace

absl::StatusOr<uint64_t> KeyChanges::Revoke(absl::string_view vkey, absl::string_view reason) {
  if (std::find(kReasons.begin(), kReasons.end(), reason) == kReasons.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "reason of a revocation must be lost-key, left, misbehaved or superseded: found '", reason, "'"));
  }
  ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(vkey));
  const KeyBook& book = sequencer_.rules().keys();
  const KeyBook::Known* known = book.Find(key.KeyId());
  if (known == nullptr || !(known->key == key)) {
    return absl::NotFoundError(
        absl::StrCat("ledger knows no such key; list them with `consort ledger keys`: ", key.KeyId()));
  }
  const KeyBook::Known* entries = book.InForce(known->owner, KeyPurpose::kEntries);
  nlohmann::json predicate = {{"name", known->owner},
                              {"role", known->owner == kCoordinator ? kCoordinator : "archive"},
                              {"entries_vkey", entries == nullptr ? "" : entries->key.ToString()},
                              {"reason", std::string(reason)},
                              {"purpose", std::string(ledger::PurposeName(known->purpose))},
                              {"vkey", key.ToString()}};
  const std::string owner = known->owner;
  std::string entry;
  uint64_t index = 0;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(predicate["certificate_sha256"], CertificateOf(transaction, owner));
    ASSIGN_OR_RETURN(
        const Appended appended,
        sequencer_.AppendOwn(transaction, ledger::Kind::kKeyRevoke,
                             {{absl::StrCat("key/", owner), Sha256Hex(key.public_key())}}, predicate));
    index = appended.index;
    ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(index));
    entry = leaf.body;
    return absl::OkStatus();
  }));
  std::vector<MemberRow> members;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(members, transaction.ListMembers());
    return absl::OkStatus();
  }));
  for (const MemberRow& member : members) {
    if (member.role == v1::ROLE_ARCHIVE) SendRevocation(member.name, entry);
  }
  const absl::Status sealed = sequencer_.Seal().status();
  if (!sealed.ok() && !absl::IsFailedPrecondition(sealed)) return sealed;
  return index;
}

void KeyChanges::SendRevocation(const std::string& archive, const std::string& entry) {
  if (!nodes_.Connected(archive)) return;  // told when it comes back
  v1::Envelope envelope;
  envelope.mutable_key_revocation()->set_envelope(entry);
  nodes_.Send(archive, std::move(envelope));
}

void KeyChanges::OnSessionStarted(const std::string& archive, const v1::NodeHello&) {
  std::vector<std::string> entries;
  const absl::Status read = store_.Transact([&](Transaction& transaction) -> absl::Status {
    for (const KeyBook::Known& known : sequencer_.rules().keys().keys()) {
      if (known.owner != kCoordinator || !known.revoked.has_value()) continue;
      ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(*known.revoked));
      entries.push_back(leaf.body);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) spdlog::error("revocations cannot be read: {}", read.ToString());
  for (const std::string& entry : entries) SendRevocation(archive, entry);
}

void KeyChanges::OnMessage(const std::string& archive, const v1::Envelope& envelope) {
  if (!envelope.has_key_rotation()) return;
  const std::string& entry = envelope.key_rotation().envelope();
  const absl::StatusOr<Appended> rotated = Rotate(archive, entry);
  if (!rotated.ok()) {
    spdlog::warn("a key is not rotated: {} (archive {})", rotated.status().ToString(), archive);
    if (SendersFault(rotated.status()).empty()) return;  // ours: the archive asks again with its next session
  } else if (const absl::Status sealed = sequencer_.Seal().status(); !sealed.ok()) {
    spdlog::warn("a rotation is sealed later: {}", sealed.ToString());
  }
  nodes_.Send(archive, OutcomeOf(sequencer_, envelope.request_id(), entry, rotated));
}

absl::StatusOr<Appended> KeyChanges::Rotate(const std::string& archive, const std::string& entry) {
  Appended appended;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(appended,
                     AppendArchiveEntry(transaction, sequencer_, ledger::Kind::kKeyRotate, archive, entry));
    ASSIGN_OR_RETURN(const nlohmann::json predicate, PredicateOf(entry));
    ASSIGN_OR_RETURN(MemberRow member, transaction.GetMember(v1::ROLE_ARCHIVE, archive));
    std::string* field = FieldOf(member, predicate.value("purpose", ""));
    if (field == nullptr || *field != predicate.value("old_vkey", ""))
      return absl::OkStatus();  // done before
    *field = predicate.value("new_vkey", "");
    return transaction.Put(member);
  }));
  return appended;
}

}  // namespace consort::coordinator
