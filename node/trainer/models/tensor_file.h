// Reads and writes float32 tensors as safetensors, without LibTorch: what a model file holds.
#ifndef CONSORT_NODE_TRAINER_MODELS_TENSOR_FILE_H_
#define CONSORT_NODE_TRAINER_MODELS_TENSOR_FILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// Reads exactly the tensors of `expected`, in that order, one after the other into one array. Those named in
// `beside` may stand in the file as well and are not read.
// Errors: InvalidArgument "artifact-damaged: ..." if `file` is no safetensors; "wrong-architecture: ..." if a
// tensor is missing, extra, not F32 or of another shape; OutOfRange "not-finite: ..." naming the tensor.
absl::StatusOr<std::vector<float>> ReadTensors(absl::string_view file,
                                               const std::vector<NamedTensor>& expected,
                                               absl::Span<const absl::string_view> beside = {});

// Writes tensors whose values lie one after the other. Errors: as WriteSafetensors.
absl::StatusOr<std::string> WriteTensors(const std::vector<NamedTensor>& tensors,
                                         absl::Span<const float> values, const Metadata& metadata);

// Puts tensors into a model file, which keeps its own and its metadata. `values` as in WriteTensors.
// Errors: InvalidArgument "artifact-damaged: ..." if `file` is no safetensors or has one of that name.
absl::StatusOr<std::string> AddTensors(absl::string_view file, const std::vector<NamedTensor>& tensors,
                                       absl::Span<const float> values);

// Errors: OutOfRange "not-finite: ..." naming `what` and the first tensor with a NaN or infinity.
absl::Status CheckFinite(absl::string_view what, const std::vector<NamedTensor>& tensors,
                         absl::Span<const float> values);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_TENSOR_FILE_H_
