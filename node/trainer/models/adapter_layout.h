// Which tensors a job trains and shares, by name and shape; values are weight_set's. Without LibTorch.
#ifndef CONSORT_NODE_TRAINER_MODELS_ADAPTER_LAYOUT_H_
#define CONSORT_NODE_TRAINER_MODELS_ADAPTER_LAYOUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

inline constexpr char kFactorASuffix[] = ".lora_A";
inline constexpr char kFactorBSuffix[] = ".lora_B";

// Values of one slice of a weight's first dimension: the columns of the weight as a matrix, and its fan-in
// where it is no transposed convolution.
int64_t Columns(const NamedTensor& weight);

// The factors of a weight reshaped to [dim 0, everything else]: A [rank, columns], B [rows, rank].
NamedTensor FactorTensor(const NamedTensor& weight, Factor factor, int rank);

// What a job's state holds, in name order: with rank 0 the weights that are trained, else both factors of
// each of them, the same in every round. Errors: InvalidArgument "wrong-job: ..." of FrozenWeights.
absl::StatusOr<std::vector<NamedTensor>> StateLayout(const std::vector<NamedTensor>& layout,
                                                     const Adaptation& adaptation);
// What a round trains, in name order: of the state all, or one factor. Errors: as StateLayout.
absl::StatusOr<std::vector<NamedTensor>> TrainedLayout(const std::vector<NamedTensor>& layout,
                                                       const Adaptation& adaptation);

// Draws weights one after the other within +-1 / sqrt(columns), which is Kaiming's uniform draw (He et al.
// 2015) with slope sqrt(5).
std::vector<float> DrawWeights(const std::vector<NamedTensor>& weights, uint64_t seed);
// The adapters that a job starts from: A drawn alike, B zero, so that the model is the base.
std::vector<float> DrawAdapters(const std::vector<NamedTensor>& state, uint64_t seed);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_ADAPTER_LAYOUT_H_
