// Takes states apart and puts them together by the names of their tensors. A state is a safetensors file of
// F32 tensors, as Model::SaveState gives it. No LibTorch.
#ifndef CONSORT_NODE_TRAINER_TRAINING_STATE_TENSORS_H_
#define CONSORT_NODE_TRAINER_TRAINING_STATE_TENSORS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/architectures/named_tensor.h"

namespace consort::trainer {

// The values of `wanted`, one tensor after the other, whatever else the state holds. Errors: those of
// ReadTensors.
absl::StatusOr<std::vector<float>> TensorsOf(absl::string_view state, const std::vector<NamedTensor>& wanted);

// The state without the tensors whose names begin with `prefix`, metadata kept; empty if there are none to
// leave out. Errors: InvalidArgument "artifact-damaged: ...".
absl::StatusOr<std::string> WithoutTensors(absl::string_view state, absl::string_view prefix);

// The state with `tensors`, whose values lie one after the other, added. Precondition: it has none of them.
// Errors: as WithoutTensors.
absl::StatusOr<std::string> WithTensors(absl::string_view state, const std::vector<NamedTensor>& tensors,
                                        absl::Span<const float> values);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_STATE_TENSORS_H_
