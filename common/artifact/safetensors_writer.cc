#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact/safetensors.h"
#include "common/artifact/safetensors_dtype.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort {
namespace {

constexpr size_t kAlignment = 8;  // of the first tensor byte, so that a mapped file can be used in place

std::string LittleEndian64(uint64_t value) {
  std::string bytes(8, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
  return bytes;
}

absl::StatusOr<std::string> Dump(const nlohmann::json& json) {
  try {
    return json.dump();
  } catch (const nlohmann::json::exception&) {  // thrown for bytes that are not UTF-8
    return absl::InvalidArgumentError("a safetensors name or metadata value is not UTF-8");
  }
}

template <class Tensor>
void SortByName(std::vector<Tensor>& tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) { return a.name < b.name; });
}

}  // namespace

absl::StatusOr<std::string> SafetensorsPrefix(const std::vector<TensorInfo>& tensors,
                                              const std::map<std::string, std::string>& metadata) {
  std::vector<TensorInfo> sorted = tensors;
  SortByName(sorted);
  nlohmann::json json = nlohmann::json::object();
  if (!metadata.empty()) json["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const TensorInfo& tensor : sorted) {
    const std::optional<uint64_t> bytes = SafetensorsTensorBytes(tensor.dtype, tensor.shape);
    if (!bytes.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor ", tensor.name, " has an unusable dtype or shape"));
    }
    if (json.contains(tensor.name)) {
      return absl::InvalidArgumentError(absl::StrCat("a tensor's name is taken: ", tensor.name));
    }
    json[tensor.name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + *bytes}}};
    offset += *bytes;
  }
  ASSIGN_OR_RETURN(std::string text, Dump(json));
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  std::string prefix = absl::StrCat(LittleEndian64(text.size()), text);
  // What the reader refuses (names, size) must not be written either.
  RETURN_IF_ERROR(SafetensorsHeader::Parse(prefix, prefix.size() + offset).status());
  return prefix;
}

absl::StatusOr<std::string> WriteSafetensors(std::vector<TensorView> tensors,
                                             const std::map<std::string, std::string>& metadata) {
  SortByName(tensors);
  std::vector<TensorInfo> infos;
  size_t data_bytes = 0;
  for (const TensorView& tensor : tensors) {
    if (SafetensorsTensorBytes(tensor.dtype, tensor.shape) != tensor.data.size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the bytes of tensor ", tensor.name, " do not fit its dtype and shape: ", tensor.data.size()));
    }
    infos.push_back({tensor.name, tensor.dtype, tensor.shape, 0, 0});
    data_bytes += tensor.data.size();
  }
  ASSIGN_OR_RETURN(std::string file, SafetensorsPrefix(infos, metadata));
  file.reserve(file.size() + data_bytes);
  for (const TensorView& tensor : tensors) file.append(tensor.data.data(), tensor.data.size());
  return file;
}

}  // namespace consort
