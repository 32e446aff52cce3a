// Safetensors files of F32 tensors that are read and written a piece at a time.
#ifndef CONSORT_COORDINATOR_AGGREGATION_TENSOR_FILE_H_
#define CONSORT_COORDINATOR_AGGREGATION_TENSOR_FILE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/safetensors.h"

namespace consort::coordinator {

// Thread-safe after Open.
class TensorReader {
 public:
  // Errors: NotFound; InvalidArgument for what is no safetensors file; Internal.
  static absl::StatusOr<TensorReader> Open(const std::string& path);

  const SafetensorsHeader& header() const { return header_; }
  bool Has(absl::string_view name) const { return header_.Find(name) != nullptr; }
  // Errors: InvalidArgument unless the file has the tensor with dtype F32 and this shape.
  absl::Status Require(absl::string_view name, const std::vector<int64_t>& shape) const;
  // Reads the values from `first` of a tensor of this file. Errors: DataLoss if the file has become shorter;
  // Internal.
  absl::Status Read(absl::string_view name, int64_t first, absl::Span<float> values) const;
  // Reads raw bytes at `offset` of the data. Errors: as Read.
  absl::Status ReadBytes(uint64_t offset, absl::Span<char> bytes) const;

 private:
  TensorReader(FileDescriptor file, SafetensorsHeader header)
      : file_(std::move(file)), header_(std::move(header)) {}

  FileDescriptor file_;
  SafetensorsHeader header_;
};

// Not thread-safe. Removes its file when it ends without Finish.
class TensorWriter {
 public:
  // Creates or replaces `path` with a header for `tensors`, whose offsets it computes. Errors:
  // InvalidArgument for unusable tensors or metadata; ResourceExhausted; Internal.
  static absl::StatusOr<TensorWriter> Create(const std::string& path, const std::vector<TensorInfo>& tensors,
                                             const std::map<std::string, std::string>& metadata);
  TensorWriter(TensorWriter&&) noexcept = default;
  ~TensorWriter();

  // Writes values from `first` of a tensor named at Create, in any order. Errors: ResourceExhausted;
  // Internal.
  absl::Status Write(absl::string_view name, int64_t first, absl::Span<const float> values);
  // Copies a tensor that both files have with equal dtype and shape. Errors: those of reading and writing.
  absl::Status Copy(const TensorReader& from, absl::string_view name);
  // Keeps the file, on its way to the disk but not synced; every tensor must have been written.
  void Finish() { finished_ = true; }

  const std::string& path() const { return path_; }

 private:
  TensorWriter(std::string path, FileDescriptor file, SafetensorsHeader header)
      : path_(std::move(path)), file_(std::move(file)), header_(std::move(header)) {}
  // `offset`: within the data.
  absl::Status WriteBytes(uint64_t offset, absl::string_view bytes);

  std::string path_;
  bool finished_ = false;
  FileDescriptor file_;
  SafetensorsHeader header_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_TENSOR_FILE_H_
