#include "common/update/rounding_key.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"

namespace consort {

uint64_t RoundingKey(absl::string_view job_digest, uint32_t round, absl::string_view archive) {
  const Digest digest =
      Sha256Of(absl::StrCat("consort.rounding.v1\n", job_digest, "\n", round, "\n", archive, "\n"));
  uint64_t key = 0;
  for (int i = 7; i >= 0; --i) key = key << 8 | digest[i];
  return key;
}

}  // namespace consort
