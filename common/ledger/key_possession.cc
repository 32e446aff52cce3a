#include "common/ledger/key_possession.h"

#include "absl/strings/str_cat.h"

namespace consort::ledger {

std::string EnrolmentProofText(absl::string_view purpose, absl::string_view name,
                               absl::string_view token_sha256) {
  return absl::StrCat("consort.enrol.v1\n", purpose, "\n", name, "\n", token_sha256, "\n");
}

std::string ArchiveKeyName(absl::string_view name, absl::string_view federation, absl::string_view purpose) {
  return absl::StrCat(name, ".", federation, "/", purpose);
}

}  // namespace consort::ledger
