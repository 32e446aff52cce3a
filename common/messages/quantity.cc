#include "common/messages/quantity.h"

#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace consort {

std::string FormatCount(int64_t count) {
  const std::string digits = absl::StrCat(count);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    const bool starts_group = (digits.size() - i) % 3 == 0;
    if (starts_group && i > 0 && digits[i - 1] != '-') out.push_back(',');
    out.push_back(digits[i]);
  }
  return out;
}

std::string FormatBytes(int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  if (unit == 0) return absl::StrCat(bytes, " B");
  return absl::StrFormat("%.*f %s", value < 10 ? 2 : value < 100 ? 1 : 0, value, kUnits[unit]);
}

std::string FormatSeconds(int64_t seconds, Language language) {
  const MessageParameters parts = {{"minutes", absl::StrCat(seconds / 60)},
                                   {"seconds", absl::StrCat(seconds % 60)}};
  return Message(seconds < 60 ? "unit.seconds" : "unit.minutes", language, parts);
}

std::string FormatReal(double value, int digits) {
  const std::string text = absl::StrFormat("%.*f", digits, std::abs(value));
  const bool is_zero = text.find_first_not_of("0.") == std::string::npos;
  return value < 0 && !is_zero ? absl::StrCat("−", text) : text;
}

}  // namespace consort
