#include "node/trainer/training/state_tensors.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/safetensors.h"
#include "common/status/macros.h"
#include "node/trainer/models/tensor_file.h"

namespace consort::trainer {
namespace {

absl::StatusOr<SafetensorsHeader> HeaderOf(absl::string_view state) {
  absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(state, state.size());
  if (header.ok()) return header;
  return absl::InvalidArgumentError(
      absl::StrCat("artifact-damaged: not a model file: ", header.status().message()));
}

TensorView ViewOf(const TensorInfo& tensor, const SafetensorsHeader& header, absl::string_view state) {
  return {tensor.name, tensor.dtype, tensor.shape,
          state.substr(header.data_offset() + tensor.begin, tensor.end - tensor.begin)};
}

}  // namespace

absl::StatusOr<std::vector<float>> TensorsOf(absl::string_view state,
                                             const std::vector<NamedTensor>& wanted) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, HeaderOf(state));
  std::vector<TensorView> views;
  for (const NamedTensor& tensor : wanted) {
    // One that is missing is named by ReadTensors.
    if (const TensorInfo* found = header.Find(tensor.name); found != nullptr) {
      views.push_back(ViewOf(*found, header, state));
    }
  }
  ASSIGN_OR_RETURN(const std::string part, WriteSafetensors(std::move(views), {}));
  return ReadTensors(part, wanted);
}

absl::StatusOr<std::string> WithoutTensors(absl::string_view state, absl::string_view prefix) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, HeaderOf(state));
  std::vector<TensorView> views;
  for (const TensorInfo& tensor : header.tensors()) {
    if (!absl::StartsWith(tensor.name, prefix)) views.push_back(ViewOf(tensor, header, state));
  }
  if (views.size() == header.tensors().size()) return std::string();
  return WriteSafetensors(std::move(views), header.metadata());
}

absl::StatusOr<std::string> WithTensors(absl::string_view state, const std::vector<NamedTensor>& tensors,
                                        absl::Span<const float> values) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, HeaderOf(state));
  std::vector<TensorView> views;
  for (const TensorInfo& tensor : header.tensors()) views.push_back(ViewOf(tensor, header, state));
  const char* next = reinterpret_cast<const char*>(values.data());
  for (const NamedTensor& tensor : tensors) {
    const size_t bytes = static_cast<size_t>(tensor.size()) * sizeof(float);
    views.push_back({tensor.name, "F32", tensor.shape, {next, bytes}});
    next += bytes;
  }
  return WriteSafetensors(std::move(views), header.metadata());
}

}  // namespace consort::trainer
