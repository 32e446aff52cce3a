#include "common/ledger/commitment.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/random.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

Digest CommitTo(absl::string_view salt, absl::string_view canonical) {
  return Sha256Of(absl::StrCat("consort.commit.v1", absl::string_view("\0", 1), salt, canonical));
}

absl::Status CheckSalt(absl::string_view salt) {
  if (salt.size() == kSaltBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("salt of a commitment has ", salt.size(), " bytes; expected ", kSaltBytes));
}

}  // namespace

absl::StatusOr<Digest> Commit(absl::string_view salt, const nlohmann::json& value) {
  RETURN_IF_ERROR(CheckSalt(salt));
  ASSIGN_OR_RETURN(const std::string canonical, CanonicalJson(value));
  return CommitTo(salt, canonical);
}

absl::StatusOr<Opening> NewOpening(const nlohmann::json& value) {
  Opening opening{.salt = RandomBytes(kSaltBytes)};
  ASSIGN_OR_RETURN(opening.value, CanonicalJson(value));
  opening.commitment = CommitTo(opening.salt, opening.value);
  return opening;
}

absl::Status CheckOpening(const Opening& opening) {
  RETURN_IF_ERROR(CheckSalt(opening.salt));
  ASSIGN_OR_RETURN(const nlohmann::json value, ParseStrictJson(opening.value));
  ASSIGN_OR_RETURN(const std::string canonical, CanonicalJson(value));
  if (canonical != opening.value) return absl::InvalidArgumentError("committed value is not canonical JSON");
  if (CommitTo(opening.salt, opening.value) == opening.commitment) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("value and salt are of another commitment than ", HexOf(opening.commitment)));
}

}  // namespace consort::ledger
