#include "coordinator/aggregation/tensor_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/artifact/safetensors_file.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint64_t kCopyBytes = 1 << 20;

}  // namespace

absl::StatusOr<TensorReader> TensorReader::Open(const std::string& path) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(SafetensorsHeader header, ReadSafetensorsHeader(file));
  return TensorReader(std::move(file), std::move(header));
}

absl::Status TensorReader::Require(absl::string_view name, const std::vector<int64_t>& shape) const {
  const TensorInfo* tensor = header_.Find(name);
  if (tensor == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model's state lacks a tensor of the manifest: ", name));
  }
  if (tensor->dtype != "F32" || tensor->shape != shape) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model's state does not match the manifest: tensor ", name, " is ", tensor->dtype, " [",
        absl::StrJoin(tensor->shape, ","), "], expected F32 [", absl::StrJoin(shape, ","), "]"));
  }
  return absl::OkStatus();
}

absl::Status TensorReader::Read(absl::string_view name, int64_t first, absl::Span<float> values) const {
  const uint64_t offset = header_.Find(name)->begin + static_cast<uint64_t>(first) * sizeof(float);
  return ReadBytes(offset, {reinterpret_cast<char*>(values.data()), values.size() * sizeof(float)});
}

absl::Status TensorReader::ReadBytes(uint64_t offset, absl::Span<char> bytes) const {
  ASSIGN_OR_RETURN(const size_t got,
                   ReadAt(file_, header_.data_offset() + offset, bytes.data(), bytes.size()));
  if (got != bytes.size()) return absl::DataLossError("a model's file became shorter while it was read");
  return absl::OkStatus();
}

absl::StatusOr<TensorWriter> TensorWriter::Create(const std::string& path,
                                                  const std::vector<TensorInfo>& tensors,
                                                  const std::map<std::string, std::string>& metadata) {
  ASSIGN_OR_RETURN(const std::string prefix, SafetensorsPrefix(tensors, metadata));
  uint64_t data_bytes = 0;
  for (const TensorInfo& tensor : tensors) data_bytes += tensor.end - tensor.begin;
  ASSIGN_OR_RETURN(SafetensorsHeader header, SafetensorsHeader::Parse(prefix, prefix.size() + data_bytes));
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path, O_RDWR | O_CREAT | O_TRUNC));
  TensorWriter writer(path, std::move(file), std::move(header));
  RETURN_IF_ERROR(WriteAt(writer.file_, 0, prefix));
  return writer;
}

TensorWriter::~TensorWriter() {
  if (file_.get() >= 0 && !finished_) unlink(path_.c_str());
}

absl::Status TensorWriter::Write(absl::string_view name, int64_t first, absl::Span<const float> values) {
  const uint64_t offset = header_.Find(name)->begin + static_cast<uint64_t>(first) * sizeof(float);
  return WriteBytes(offset, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

absl::Status TensorWriter::Copy(const TensorReader& from, absl::string_view name) {
  const TensorInfo& source = *from.header().Find(name);
  const uint64_t target = header_.Find(name)->begin;
  std::vector<char> block(std::min(kCopyBytes, source.end - source.begin));
  for (uint64_t done = 0; done < source.end - source.begin;) {
    const size_t bytes = std::min<uint64_t>(block.size(), source.end - source.begin - done);
    RETURN_IF_ERROR(from.ReadBytes(source.begin + done, absl::MakeSpan(block).first(bytes)));
    RETURN_IF_ERROR(WriteBytes(target + done, {block.data(), bytes}));
    done += bytes;
  }
  return absl::OkStatus();
}

absl::Status TensorWriter::WriteBytes(uint64_t offset, absl::string_view bytes) {
  RETURN_IF_ERROR(WriteAt(file_, header_.data_offset() + offset, bytes));
  StartWriteOut(file_, header_.data_offset() + offset, bytes.size());
  return absl::OkStatus();
}

}  // namespace consort::coordinator
