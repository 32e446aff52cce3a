// Rules of key-rotate and key-revoke.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/key_rotation.h"
#include "common/ledger/members.h"
#include "common/ledger/rules.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr char kCoordinator[] = "coordinator";

bool MayHold(absl::string_view owner, KeyPurpose purpose) {
  if (purpose == KeyPurpose::kEntries) return true;
  return (purpose == KeyPurpose::kLog) == (owner == kCoordinator);
}

absl::Status CheckProof(const VerifierKey& key, const std::string& text, const std::string& proof) {
  ASSIGN_OR_RETURN(const std::string signature, Base64Decode(proof));
  if (key.Verify(text, signature)) return absl::OkStatus();
  return DoesNotFit(absl::StrCat("rotation is not signed by the key ", key.KeyId()));
}

}  // namespace

std::string RotationProofText(absl::string_view origin, absl::string_view purpose,
                              absl::string_view old_keyid, absl::string_view new_keyid) {
  return absl::StrCat("consort.rotate.v1\n", origin, "\n", purpose, "\n", old_keyid, "\n", new_keyid, "\n");
}

absl::Status Rules::OnKeyRotate(const Said& said) {
  const std::string& name = said.Text("name");
  const bool of_archive = said.predicate.contains("archive");
  if (name != (of_archive ? said.Text("archive") : kCoordinator))
    return DoesNotFit(absl::StrCat("rotation of another member's key: ", name));
  ASSIGN_OR_RETURN(const KeyPurpose purpose, PurposeFromName(said.Text("purpose")));
  if (!MayHold(name, purpose))
    return DoesNotFit(absl::StrCat(name, " has no key of the purpose ", said.Text("purpose")));
  const KeyBook::Known* const old = keys_.InForce(name, purpose);
  if (old == nullptr || old->key.ToString() != said.Text("old_vkey"))
    return OutOfPlace(
        absl::StrCat("rotation of a key that is not the newest in force: ", said.Text("old_vkey")));
  ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(said.Text("new_vkey")));
  if (key.name() != old->key.name() || key.algorithm() != old->key.algorithm()) {
    return DoesNotFit(absl::StrCat("new key has another name or algorithm than the old one: ", key.KeyId()));
  }
  // One key has one part, for ever.
  if (keys_.HasPublicKey(key) || keys_.Find(key.KeyId()) != nullptr)
    return OutOfPlace(absl::StrCat("key was named before: ", key.KeyId()));
  RETURN_IF_ERROR(said.ExpectSubjects({{absl::StrCat("key/", name), Sha256Hex(key.public_key())}}));
  const std::string text = RotationProofText(origin_, said.Text("purpose"), old->key.KeyId(), key.KeyId());
  RETURN_IF_ERROR(CheckProof(old->key, text, said.Text("proof_old")));
  RETURN_IF_ERROR(CheckProof(key, text, said.Text("proof_new")));
  undo_.Remember(keys_);
  keys_.Rotate(name, purpose, key, said.index);
  if (purpose != KeyPurpose::kEntries) return absl::OkStatus();
  if (!of_archive) {
    undo_.Set(coordinator_keyid_, key.KeyId());
  } else {
    Archive& archive = archives_.at(name);
    undo_.Set(archive.keyid, key.KeyId());
    undo_.Set(archive.entries_vkey, key.ToString());
  }
  return absl::OkStatus();
}

absl::Status Rules::OnKeyRevoke(const Said& said) {
  return said.predicate.contains("vkey") ? RevokeOneKey(said) : RevokeMember(said);
}

absl::Status Rules::RevokeMember(const Said& said) {
  const std::string& name = said.Text("name");
  ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(said.Text("entries_vkey")));
  RETURN_IF_ERROR(said.ExpectSubjects({{absl::StrCat("key/", name), Sha256Hex(key.public_key())}}));
  const auto archive = archives_.find(name);
  if (archive == archives_.end() || archive->second.revoked ||
      archive->second.entries_vkey != key.ToString()) {
    return OutOfPlace(absl::StrCat("entry revokes a key that is not in force: ", key.KeyId()));
  }
  undo_.Set(archive->second.revoked, true);
  undo_.Remember(keys_);
  keys_.RevokeAll(name, said.index);
  return absl::OkStatus();
}

absl::Status Rules::RevokeOneKey(const Said& said) {
  constexpr Member kOfOneKey[] = {{"vkey", MemberType::kText}, {"purpose", MemberType::kText}};
  RETURN_IF_ERROR(CheckMembers(said.predicate, kOfOneKey));
  const std::string& name = said.Text("name");
  ASSIGN_OR_RETURN(const KeyPurpose purpose, PurposeFromName(said.Text("purpose")));
  ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(said.Text("vkey")));
  RETURN_IF_ERROR(said.ExpectSubjects({{absl::StrCat("key/", name), Sha256Hex(key.public_key())}}));
  const KeyBook::Known* const known = keys_.Find(key.KeyId());
  if (known == nullptr || known->owner != name || known->purpose != purpose || !(known->key == key) ||
      known->revoked) {
    return OutOfPlace(absl::StrCat("entry revokes a key that the ledger does not know so: ", key.KeyId()));
  }
  const KeyBook::Known* const newest = keys_.InForce(name, purpose);
  const bool last = purpose == KeyPurpose::kLog
                        ? std::count_if(keys_.keys().begin(), keys_.keys().end(),
                                        [](const KeyBook::Known& other) {
                                          return other.purpose == KeyPurpose::kLog && other.in_force();
                                        }) == 1
                        : purpose == KeyPurpose::kEntries && newest == known;
  // A log nobody could sign for is none; an archive goes as a whole, so that no old key of it stays behind.
  if (last && name == kCoordinator)
    return OutOfPlace(absl::StrCat("coordinator's last key is rotated before it is revoked: ", key.KeyId()));
  if (last) {
    return OutOfPlace(
        absl::StrCat("an archive's entry key in force is revoked with its membership: ", key.KeyId()));
  }
  undo_.Remember(keys_);
  keys_.Revoke(key.KeyId(), said.index);
  return absl::OkStatus();
}

}  // namespace consort::ledger
