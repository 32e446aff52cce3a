#include "common/state_dict/pickle_bytes.h"

#include "common/status/macros.h"

namespace consort {
namespace {

absl::Status Truncated() {
  return absl::InvalidArgumentError("not-a-state-dict: the pickle cannot be read: it is truncated");
}

}  // namespace

absl::StatusOr<absl::string_view> PickleBytes::Take(uint64_t bytes) {
  if (bytes > rest_.size()) return Truncated();
  const absl::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

absl::StatusOr<absl::string_view> PickleBytes::TakeLine() {
  const size_t end = rest_.find('\n');
  if (end == absl::string_view::npos) return Truncated();
  const absl::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return line;
}

absl::StatusOr<uint64_t> PickleBytes::Unsigned(uint64_t width) {
  if (width > sizeof(uint64_t)) {
    return absl::InvalidArgumentError(
        "not-a-state-dict: the pickle cannot be read: an integer has more than 64 bits");
  }
  ASSIGN_OR_RETURN(const absl::string_view bytes, Take(width));
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

absl::StatusOr<int64_t> PickleBytes::Signed(uint64_t width) {
  ASSIGN_OR_RETURN(uint64_t value, Unsigned(width));
  const uint64_t bits = 8 * width;
  if (bits > 0 && bits < 64 && value >> (bits - 1) == 1) value |= ~uint64_t{0} << bits;
  return static_cast<int64_t>(value);
}

}  // namespace consort
