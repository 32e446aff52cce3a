// Rules of key-enrol.
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/key_possession.h"
#include "common/ledger/members.h"
#include "common/ledger/rules.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr Member kOfCoordinator[] = {{"log_vkey", MemberType::kText}};
constexpr Member kOfArchive[] = {
    {"mirror_vkey", MemberType::kText},       {"approval_vkey", MemberType::kText},
    {"token_sha256", MemberType::kDigest},    {"possession.entries", MemberType::kText},
    {"possession.mirror", MemberType::kText}, {"possession.approval", MemberType::kText}};

// Parses a verifier key that must have the given name and algorithm.
absl::StatusOr<VerifierKey> KeyNamed(const std::string& vkey, absl::string_view name,
                                     KeyAlgorithm algorithm) {
  ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Parse(vkey));
  if (key.name() == name && key.algorithm() == algorithm) return key;
  return DoesNotFit(
      absl::StrCat("enrolled key has another name or algorithm: ", key.KeyId(), ", expected ", name));
}

}  // namespace

absl::Status Rules::OnKeyEnrol(const Said& said) {
  const std::string& name = said.Text("name");
  ASSIGN_OR_RETURN(const VerifierKey key,
                   KeyNamed(said.Text("entries_vkey"), ArchiveKeyName(name, federation_, "entries"),
                            KeyAlgorithm::kEd25519));
  RETURN_IF_ERROR(said.ExpectSubjects({{absl::StrCat("key/", name), Sha256Hex(key.public_key())}}));
  // Two keys under one id would leave open whose signature is meant.
  if (keys_.Find(key.KeyId()) != nullptr)
    return OutOfPlace(absl::StrCat("key was enrolled before: ", key.KeyId()));
  return said.index == 0 ? EnrolCoordinator(said, key) : EnrolArchive(said, key);
}

absl::Status Rules::EnrolCoordinator(const Said& said, const VerifierKey& key) {
  RETURN_IF_ERROR(CheckMembers(said.predicate, kOfCoordinator));
  ASSIGN_OR_RETURN(const VerifierKey log, KeyNamed(said.Text("log_vkey"), origin_, KeyAlgorithm::kEd25519));
  if (said.Text("name") != "coordinator" || said.Text("role") != "coordinator" ||
      said.signers.front() != key.KeyId()) {
    return DoesNotFit("the first entry must enrol the coordinator's entry key and be signed by it");
  }
  undo_.Set(coordinator_keyid_, key.KeyId());
  undo_.Set(project_, said.Text("project"));
  undo_.Remember(keys_);
  keys_.Enrol("coordinator", KeyPurpose::kLog, log, said.index);
  keys_.Enrol("coordinator", KeyPurpose::kEntries, key, said.index);
  return absl::OkStatus();
}

absl::Status Rules::EnrolArchive(const Said& said, const VerifierKey& key) {
  const std::string& name = said.Text("name");
  if (said.Text("role") != "archive") return DoesNotFit("only archives are enrolled after the first entry");
  const auto known = archives_.find(name);
  if (known != archives_.end() && !known->second.revoked) {
    return OutOfPlace(absl::StrCat("archive is enrolled already and its key is not revoked: ", name));
  }
  RETURN_IF_ERROR(CheckMembers(said.predicate, kOfArchive));
  ASSIGN_OR_RETURN(const VerifierKey mirror,
                   KeyNamed(said.Text("mirror_vkey"), ArchiveKeyName(name, federation_, "mirror"),
                            KeyAlgorithm::kCosignatureV1));
  ASSIGN_OR_RETURN(const VerifierKey approval,
                   KeyNamed(said.Text("approval_vkey"), ArchiveKeyName(name, federation_, "approval"),
                            KeyAlgorithm::kEd25519));
  const std::pair<const char*, const VerifierKey*> keys[] = {
      {"entries", &key}, {"mirror", &mirror}, {"approval", &approval}};
  for (const auto& [purpose, holder] : keys) {
    const std::string message = EnrolmentProofText(purpose, name, said.Text("token_sha256"));
    ASSIGN_OR_RETURN(const std::string signature,
                     Base64Decode(said.predicate["possession"][purpose].get<std::string>()));
    if (!holder->Verify(message, signature)) {
      return DoesNotFit(
          absl::StrCat("archive did not prove that it has the key that it enrols: ", holder->KeyId()));
    }
  }
  Archive archive{.keyid = key.KeyId(), .entries_vkey = key.ToString()};
  if (known != archives_.end()) archive.head_size = known->second.head_size;
  if (known != archives_.end()) {
    undo_.Set(known->second, std::move(archive));
  } else {
    undo_.Emplace(archives_, name, std::move(archive));
  }
  undo_.Remember(keys_);
  keys_.Enrol(name, KeyPurpose::kEntries, key, said.index);
  keys_.Enrol(name, KeyPurpose::kMirror, mirror, said.index);
  keys_.Enrol(name, KeyPurpose::kApproval, approval, said.index);
  return absl::OkStatus();
}

}  // namespace consort::ledger
