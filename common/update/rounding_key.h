// The key of an update's stochastic rounding, so that the same job, inputs and seed give the same bytes.
#ifndef CONSORT_COMMON_UPDATE_ROUNDING_KEY_H_
#define CONSORT_COMMON_UPDATE_ROUNDING_KEY_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace consort {

// First 8 bytes, little-endian, of SHA-256("consort.rounding.v1" LF job_digest LF round LF archive LF).
// `job_digest` in hex, `round` from 1.
uint64_t RoundingKey(absl::string_view job_digest, uint32_t round, absl::string_view archive);

}  // namespace consort

#endif  // CONSORT_COMMON_UPDATE_ROUNDING_KEY_H_
