// Reads and writes safetensors: 8-byte little-endian header length, JSON header, raw tensor bytes. The
// header's size, offsets, shapes and names are checked before anything is used.
#ifndef CONSORT_COMMON_ARTIFACT_SAFETENSORS_H_
#define CONSORT_COMMON_ARTIFACT_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace consort {

struct TensorInfo {
  std::string name;
  std::string dtype;  // "F32", "I64", ...
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // offsets into the data, half-open
  uint64_t end = 0;
};

// A parsed header. Immutable value.
class SafetensorsHeader {
 public:
  static constexpr uint64_t kMaxHeaderBytes = 16 << 20;  // more is refused before it is read

  // `prefix`: at least the first 8 bytes and the header; `file_bytes`: size of the whole file.
  // Errors: InvalidArgument naming what is wrong: truncated, oversized, not JSON, duplicate key, unknown
  // dtype, negative or overflowing shape, bytes that do not fit the shape, overlap, gap, or offsets past the
  // end.
  static absl::StatusOr<SafetensorsHeader> Parse(absl::string_view prefix, uint64_t file_bytes);

  const std::vector<TensorInfo>& tensors() const { return tensors_; }  // by name
  const TensorInfo* Find(absl::string_view name) const;                // null if absent
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  uint64_t data_offset() const { return data_offset_; }  // of the first tensor byte in the file

 private:
  std::vector<TensorInfo> tensors_;
  std::map<std::string, std::string> metadata_;
  uint64_t data_offset_ = 0;
};

// Writes header and tensors (name order) into one string; for models that fit memory. `data` borrowed.
struct TensorView {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  absl::string_view data;
};
absl::StatusOr<std::string> WriteSafetensors(std::vector<TensorView> tensors,
                                             const std::map<std::string, std::string>& metadata);
// The header bytes alone (length prefix included), for streaming the tensors behind it in name order.
absl::StatusOr<std::string> SafetensorsPrefix(const std::vector<TensorInfo>& tensors,
                                              const std::map<std::string, std::string>& metadata);

// SHA-256 over names, dtypes, shapes and bytes of the tensors in name order, not over the file's metadata:
// what "bit-equal" means for a model. Hex. Layout: docs/formats/update.md. Errors: as Parse.
absl::StatusOr<std::string> TensorDigest(absl::string_view file);
absl::StatusOr<std::string> TensorDigestOfFile(const std::string& path);

}  // namespace consort

#endif  // CONSORT_COMMON_ARTIFACT_SAFETENSORS_H_
