// Salted commitments: how a fact that the law may ask to erase is named in a ledger that nobody can change.
// Value and salt stay with whoever keeps them; once both are gone, the commitment says nothing about anybody.
#ifndef CONSORT_COMMON_LEDGER_COMMITMENT_H_
#define CONSORT_COMMON_LEDGER_COMMITMENT_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/digest.h"
#include "nlohmann/json_fwd.hpp"

namespace consort::ledger {

inline constexpr size_t kSaltBytes = 32;

// SHA-256("consort.commit.v1" || 00 || salt || canonical JSON of the value). Errors: InvalidArgument if the
// salt is not kSaltBytes long, or as CanonicalJson.
absl::StatusOr<Digest> Commit(absl::string_view salt, const nlohmann::json& value);

// What opens a commitment: to be kept apart from the ledger, and erased on demand.
struct Opening {
  std::string salt;
  std::string value;  // canonical JSON
  Digest commitment{};
};
// Draws a fresh salt: equal values never look equal. Errors: as CanonicalJson.
absl::StatusOr<Opening> NewOpening(const nlohmann::json& value);

// Errors: InvalidArgument if salt or value cannot be of any commitment; DataLoss if they are of another one.
absl::Status CheckOpening(const Opening& opening);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_COMMITMENT_H_
