#include "common/update/decimal.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace consort {

std::string DecimalOf(double value) {
  char text[32];  // the longest shortest form of a binary64 has 24 characters
  const std::to_chars_result end = std::to_chars(text, text + sizeof(text), value);
  return std::string(text, end.ptr);
}

absl::StatusOr<double> ParseDecimal(absl::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value) || DecimalOf(value) != text) {
    return absl::InvalidArgumentError("a decimal string is not the shortest spelling of a finite number");
  }
  return value;
}

}  // namespace consort
