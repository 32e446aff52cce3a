#include "node/trainer/models/tensor_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/artifact/safetensors.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

std::string ShapeText(absl::Span<const int64_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

absl::Status CheckTensor(const TensorInfo* found, const NamedTensor& expected) {
  if (found == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "wrong-architecture: the model file lacks a tensor; use one of this architecture and method: ",
        expected.name));
  }
  if (found->dtype != "F32" || found->shape != expected.shape) {
    return absl::InvalidArgumentError(
        absl::StrCat("wrong-architecture: a tensor of the model file does not fit; use one of this "
                     "architecture and method: ",
                     expected.name, " is ", found->dtype, " ", ShapeText(found->shape), ", expected F32 ",
                     ShapeText(expected.shape)));
  }
  return absl::OkStatus();
}

absl::StatusOr<SafetensorsHeader> ParseHeader(absl::string_view file) {
  absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(file, file.size());
  if (header.ok()) return header;
  return absl::InvalidArgumentError(
      absl::StrCat("artifact-damaged: not a model file: ", header.status().message()));
}

size_t CountOf(const SafetensorsHeader& header, absl::Span<const absl::string_view> names) {
  return std::count_if(names.begin(), names.end(),
                       [&](absl::string_view name) { return header.Find(name) != nullptr; });
}

// Views of tensors whose values lie one after the other.
std::vector<TensorView> ViewsOf(const std::vector<NamedTensor>& tensors, absl::Span<const float> values) {
  std::vector<TensorView> views;
  const char* next = reinterpret_cast<const char*>(values.data());
  for (const NamedTensor& tensor : tensors) {
    const size_t bytes = tensor.size() * sizeof(float);
    views.push_back({tensor.name, "F32", tensor.shape, {next, bytes}});
    next += bytes;
  }
  return views;
}

}  // namespace

absl::StatusOr<std::vector<float>> ReadTensors(absl::string_view file,
                                               const std::vector<NamedTensor>& expected,
                                               absl::Span<const absl::string_view> beside) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, ParseHeader(file));
  std::vector<float> values;
  for (const NamedTensor& tensor : expected) {
    const TensorInfo* found = header.Find(tensor.name);
    RETURN_IF_ERROR(CheckTensor(found, tensor));
    const size_t begin = values.size();
    values.resize(begin + tensor.size());
    std::memcpy(values.data() + begin, file.data() + header.data_offset() + found->begin,
                tensor.size() * sizeof(float));
  }
  const size_t found = header.tensors().size() - CountOf(header, beside);
  if (found != expected.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "wrong-architecture: the model file has tensors that this architecture and method do not know: ",
        found, " found, ", expected.size(), " expected"));
  }
  RETURN_IF_ERROR(CheckFinite("model file", expected, values));
  return values;
}

absl::StatusOr<std::string> WriteTensors(const std::vector<NamedTensor>& tensors,
                                         absl::Span<const float> values, const Metadata& metadata) {
  return WriteSafetensors(ViewsOf(tensors, values), metadata);
}

absl::StatusOr<std::string> AddTensors(absl::string_view file, const std::vector<NamedTensor>& tensors,
                                       absl::Span<const float> values) {
  ASSIGN_OR_RETURN(const SafetensorsHeader header, ParseHeader(file));
  std::vector<TensorView> views = ViewsOf(tensors, values);
  for (const TensorView& view : views) {
    if (header.Find(view.name) == nullptr) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("artifact-damaged: the model file has a tensor of that name already: ", view.name));
  }
  for (const TensorInfo& tensor : header.tensors()) {
    views.push_back({tensor.name, tensor.dtype, tensor.shape,
                     file.substr(header.data_offset() + tensor.begin, tensor.end - tensor.begin)});
  }
  return WriteSafetensors(std::move(views), header.metadata());
}

absl::Status CheckFinite(absl::string_view what, const std::vector<NamedTensor>& tensors,
                         absl::Span<const float> values) {
  size_t next = 0;
  for (const NamedTensor& tensor : tensors) {
    for (const size_t end = next + tensor.size(); next < end; ++next) {
      if (std::isfinite(values[next])) continue;
      return absl::OutOfRangeError(
          absl::StrCat("not-finite: ", what, " has a NaN or infinity in tensor ", tensor.name));
    }
  }
  return absl::OkStatus();
}

}  // namespace consort::trainer
