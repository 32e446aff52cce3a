#include "coordinator/enrol/key_proofs.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/ledger/key_possession.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

absl::Status Bad(absl::string_view name, absl::string_view purpose, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("enrolment request is not acceptable; run enrol again: key '", purpose, "' ", what,
                   " (archive ", name, ")"));
}

absl::StatusOr<VerifierKey> CheckOne(const google::protobuf::RepeatedPtrField<v1::KeyProof>& keys,
                                     absl::string_view purpose, absl::string_view federation,
                                     absl::string_view name, absl::string_view token_sha256) {
  const auto has_purpose = [purpose](const v1::KeyProof& key) { return key.purpose() == purpose; };
  if (std::count_if(keys.begin(), keys.end(), has_purpose) != 1) return Bad(name, purpose, "must come once");
  const v1::KeyProof& proof = *std::find_if(keys.begin(), keys.end(), has_purpose);
  const KeyAlgorithm algorithm = purpose == "mirror" ? KeyAlgorithm::kCosignatureV1 : KeyAlgorithm::kEd25519;
  ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Create(ledger::ArchiveKeyName(name, federation, purpose),
                                                        algorithm, proof.public_key()));
  if (!key.Verify(ledger::EnrolmentProofText(purpose, name, token_sha256), proof.signature())) {
    return Bad(name, purpose, "has no good proof of possession");
  }
  return key;
}

}  // namespace

absl::StatusOr<ArchiveKeys> CheckKeyProofs(const google::protobuf::RepeatedPtrField<v1::KeyProof>& keys,
                                           absl::string_view federation, absl::string_view name,
                                           absl::string_view token_sha256) {
  if (keys.size() != static_cast<int>(ledger::kKeyPurposes.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("an archive enrols with ", ledger::kKeyPurposes.size(), " keys; found ", keys.size()));
  }
  ASSIGN_OR_RETURN(VerifierKey entries, CheckOne(keys, "entries", federation, name, token_sha256));
  ASSIGN_OR_RETURN(VerifierKey mirror, CheckOne(keys, "mirror", federation, name, token_sha256));
  ASSIGN_OR_RETURN(VerifierKey approval, CheckOne(keys, "approval", federation, name, token_sha256));
  // One key must never play two parts: a cosignature does not bind its signer's name.
  const std::set<std::string> distinct = {entries.public_key(), mirror.public_key(), approval.public_key()};
  if (distinct.size() != ledger::kKeyPurposes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("an archive's keys must all be different; run enrol again (archive ", name, ")"));
  }
  return ArchiveKeys{std::move(entries), std::move(mirror), std::move(approval)};
}

}  // namespace consort::coordinator
