// The bytes of a pickle, taken one after the other.
#ifndef CONSORT_COMMON_STATE_DICT_PICKLE_BYTES_H_
#define CONSORT_COMMON_STATE_DICT_PICKLE_BYTES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

// Errors of every call: InvalidArgument "not-a-state-dict: ..." if fewer bytes are left. Not thread-safe.
class PickleBytes {
 public:
  explicit PickleBytes(absl::string_view bytes) : rest_(bytes) {}

  size_t left() const { return rest_.size(); }
  absl::StatusOr<absl::string_view> Take(uint64_t bytes);
  // Up to a line feed, which is taken too.
  absl::StatusOr<absl::string_view> TakeLine();
  // Integers of `width` bytes, low byte first. Errors: also for more than 8 bytes.
  absl::StatusOr<uint64_t> Unsigned(uint64_t width);
  absl::StatusOr<int64_t> Signed(uint64_t width);  // two's complement; 0 of no bytes

 private:
  absl::string_view rest_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_STATE_DICT_PICKLE_BYTES_H_
