// The weights of a network and which of them are trained: all, or the factors of low-rank adapters.
#ifndef CONSORT_NODE_TRAINER_MODELS_WEIGHT_SET_H_
#define CONSORT_NODE_TRAINER_MODELS_WEIGHT_SET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "node/trainer/models/adapted_weight.h"
#include "node/trainer/models/architecture.h"

namespace at {
class Tensor;
}

namespace consort::trainer {

// Trained values and their gradients lie in one flat array each, so that an optimiser is one loop. Not
// thread-safe.
//
// Adapters factor a weight reshaped to [dim 0, everything else], which serves transposed and dilated
// convolutions alike: W = W0 + (alpha / rank) * B * A with A [rank, columns] drawn and B [rows, rank] zero at
// the start. A state holds `<weight>.lora_A` and `<weight>.lora_B`, whichever of them a round trains, and
// nothing of the weights that a job freezes.
class WeightSet {
 public:
  // Reads the weights named by `layout` from `base` and the trained ones from `state` (empty: where a job
  // starts). Either may hold latent tensors (common/architectures/latent_tensors.h) beside them. Errors:
  // InvalidArgument "artifact-damaged" or "wrong-architecture", "wrong-job" of FrozenWeights; OutOfRange
  // "not-finite".
  static absl::StatusOr<std::unique_ptr<WeightSet>> Load(const std::vector<NamedTensor>& layout,
                                                         absl::string_view base, absl::string_view state,
                                                         const Adaptation& adaptation);
  // Fills weights with Kaiming's uniform draw (He et al. 2015): within +-sqrt(6 / (1 + slope^2) / fan-in),
  // slope sqrt(5), which is 1 / sqrt(fan-in). All of them trained.
  static absl::StatusOr<std::unique_ptr<WeightSet>> Initialise(const std::vector<NamedTensor>& layout,
                                                               uint64_t seed);
  ~WeightSet();

  const std::vector<NamedTensor>& trainable() const;  // in name order
  absl::Span<float> values();
  absl::Span<const float> gradients() const;
  void ClearGradients();
  // Errors: OutOfRange "not-finite: ..." naming the first tensor with such a gradient.
  absl::Status CheckGradients() const;

  // The weights as the network uses them, in `layout` order; gradients flow into gradients(). Throws
  // c10::Error.
  std::vector<at::Tensor> Effective() const;
  // The same for networks that apply them through AdaptedWeight, which trains adapters faster.
  std::vector<AdaptedWeight> Weights() const;

  absl::StatusOr<std::string> SaveState(const Metadata& metadata) const;
  absl::StatusOr<std::string> SaveMerged(const Metadata& metadata) const;

 private:
  struct Impl;
  // `base` in the order of `layout`, `state` in that of StateLayout.
  static absl::StatusOr<std::unique_ptr<WeightSet>> Make(const std::vector<NamedTensor>& layout,
                                                         absl::Span<const float> base,
                                                         absl::Span<const float> state,
                                                         const Adaptation& adaptation);
  explicit WeightSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_WEIGHT_SET_H_
