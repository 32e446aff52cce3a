#include "common/artifact/safetensors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact/safetensors_dtype.h"
#include "common/artifact/safetensors_header_reader.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr uint64_t kLengthBytes = 8;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a safetensors file that can be used: ", what));
}

uint64_t ReadLittleEndian64(absl::string_view bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

absl::Status CheckTensor(const TensorInfo& tensor) {
  if (SafetensorsElementBytes(tensor.dtype) == 0) {
    return Malformed(absl::StrCat("tensor ", tensor.name, " has an unknown dtype"));
  }
  const std::optional<uint64_t> bytes = SafetensorsTensorBytes(tensor.dtype, tensor.shape);
  if (!bytes.has_value()) return Malformed(absl::StrCat("the shape of tensor ", tensor.name, " overflows"));
  if (tensor.end < tensor.begin || tensor.end - tensor.begin != *bytes) {
    return Malformed(absl::StrCat("the offsets of tensor ", tensor.name, " do not fit its shape: ",
                                  tensor.begin, " to ", tensor.end, ", its shape has ", *bytes, " bytes"));
  }
  return absl::OkStatus();
}

// The tensors must cover the data without gap or overlap: no byte may hide from the digest or count twice.
absl::Status CheckCover(const std::vector<TensorInfo>& tensors, uint64_t data_bytes) {
  std::vector<const TensorInfo*> by_offset;
  for (const TensorInfo& tensor : tensors) by_offset.push_back(&tensor);
  std::sort(by_offset.begin(), by_offset.end(), [](const TensorInfo* a, const TensorInfo* b) {
    return std::make_pair(a->begin, a->end) < std::make_pair(b->begin, b->end);
  });
  uint64_t covered = 0;
  for (const TensorInfo* tensor : by_offset) {
    if (tensor->begin < covered) return Malformed(absl::StrCat("tensor ", tensor->name, " overlaps another"));
    if (tensor->begin > covered)
      return Malformed(absl::StrCat("there is a gap before tensor ", tensor->name));
    covered = tensor->end;
  }
  if (covered > data_bytes) {
    return Malformed(
        absl::StrCat("tensors end past the file: at ", covered, ", it has ", data_bytes, " data bytes"));
  }
  if (covered < data_bytes) {
    return Malformed(absl::StrCat("bytes after the last tensor: ", data_bytes - covered));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SafetensorsHeader> SafetensorsHeader::Parse(absl::string_view prefix, uint64_t file_bytes) {
  if (prefix.size() < kLengthBytes || file_bytes < kLengthBytes)
    return Malformed("truncated before its header");
  const uint64_t header_bytes = ReadLittleEndian64(prefix);
  if (header_bytes > kMaxHeaderBytes) {
    return Malformed(absl::StrCat("oversized header: ", header_bytes, " bytes, at most ", kMaxHeaderBytes));
  }
  if (header_bytes > prefix.size() - kLengthBytes || header_bytes > file_bytes - kLengthBytes) {
    return Malformed(absl::StrCat("truncated within its header of ", header_bytes, " bytes"));
  }
  ASSIGN_OR_RETURN(SafetensorsJson json, ReadSafetensorsJson(prefix.substr(kLengthBytes, header_bytes)));

  SafetensorsHeader header;
  header.metadata_ = std::move(json.metadata);
  header.data_offset_ = kLengthBytes + header_bytes;
  for (auto& [name, tensor] : json.tensors) {
    RETURN_IF_ERROR(CheckTensor(tensor));
    header.tensors_.push_back(std::move(tensor));
  }
  RETURN_IF_ERROR(CheckCover(header.tensors_, file_bytes - header.data_offset_));
  return header;
}

const TensorInfo* SafetensorsHeader::Find(absl::string_view name) const {
  const auto found = std::lower_bound(
      tensors_.begin(), tensors_.end(), name,
      [](const TensorInfo& tensor, absl::string_view wanted) { return tensor.name < wanted; });
  return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

}  // namespace consort
