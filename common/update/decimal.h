// Real numbers as text in signed and hashed documents: the shortest decimal that reads back to the same
// binary64.
#ifndef CONSORT_COMMON_UPDATE_DECIMAL_H_
#define CONSORT_COMMON_UPDATE_DECIMAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

// "0.1", "1e-05", "-3". `value` must be finite.
std::string DecimalOf(double value);

// Errors: InvalidArgument unless `text` is the spelling that DecimalOf gives for some finite number.
absl::StatusOr<double> ParseDecimal(absl::string_view text);

}  // namespace consort

#endif  // CONSORT_COMMON_UPDATE_DECIMAL_H_
