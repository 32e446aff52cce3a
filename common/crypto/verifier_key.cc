#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/digest.h"
#include "common/crypto/openssl_handles.h"
#include "common/crypto/signing_key.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr size_t kPublicKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;

// Printable ASCII: names stand in JSON, in notes and in file lines, and must look the same in all of them.
bool IsKeyName(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '+' && c != '"' && c != '\\';
  });
}

}  // namespace

absl::StatusOr<VerifierKey> VerifierKey::Create(absl::string_view name, KeyAlgorithm algorithm,
                                                absl::string_view public_key) {
  if (!IsKeyName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("key name must be printable ASCII without spaces, '+', quotes or backslashes; it has ",
                     name.size(), " bytes"));
  }
  if (public_key.size() != kPublicKeyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("an Ed25519 public key is ", kPublicKeyBytes,
                                                   " bytes; found ", public_key.size(), " for ", name));
  }
  VerifierKey key;
  key.name_ = std::string(name);
  key.algorithm_ = algorithm;
  key.public_key_ = std::string(public_key);
  const std::string hashed =
      absl::StrCat(name, "\n", std::string(1, static_cast<char>(algorithm)), public_key);
  key.id_ = std::string(ViewOf(Sha256Of(hashed)).substr(0, 4));
  return key;
}

absl::StatusOr<VerifierKey> VerifierKey::Parse(absl::string_view vkey) {
  const std::vector<absl::string_view> parts = absl::StrSplit(vkey, absl::MaxSplits('+', 2));
  if (parts.size() != 3) {
    return absl::InvalidArgumentError(
        "verifier key must be name+8 hex digits+base64; copy the whole line from where it was published");
  }
  ASSIGN_OR_RETURN(const std::string material, Base64Decode(parts[2]));
  if (material.empty() || (material[0] != static_cast<char>(KeyAlgorithm::kEd25519) &&
                           material[0] != static_cast<char>(KeyAlgorithm::kCosignatureV1))) {
    return absl::InvalidArgumentError(
        absl::StrCat("verifier key names no algorithm that this version knows (01, 04): ", parts[0]));
  }
  ASSIGN_OR_RETURN(VerifierKey key, Create(parts[0], static_cast<KeyAlgorithm>(material[0]),
                                           absl::string_view(material).substr(1)));
  if (HexEncode(key.id_) != parts[1]) {
    return absl::InvalidArgumentError(absl::StrCat(
        "verifier key's id does not fit its name and key; expected ", HexEncode(key.id_), " for ", parts[0]));
  }
  return key;
}

std::string VerifierKey::KeyId() const { return absl::StrCat(name_, "+", HexEncode(id_)); }

std::string VerifierKey::ToString() const {
  const std::string material = absl::StrCat(std::string(1, static_cast<char>(algorithm_)), public_key_);
  return absl::StrCat(KeyId(), "+", Base64Encode(material));
}

bool VerifierKey::Verify(absl::string_view message, absl::string_view signature) const {
  return Ed25519Verify(public_key_, message, signature);
}

bool Ed25519Verify(absl::string_view public_key, absl::string_view message, absl::string_view signature) {
  if (public_key.size() != kPublicKeyBytes || signature.size() != kSignatureBytes) return false;
  const openssl::ErrorScope errors;
  const openssl::Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, openssl::Bytes(public_key), public_key.size()));
  const openssl::DigestContext context(EVP_MD_CTX_new());
  return key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), openssl::Bytes(signature), signature.size(), openssl::Bytes(message),
                          message.size()) == 1;
}

}  // namespace consort
