// The networks that tell recordings from the generator's sound in RAVE's second phase (arXiv 2111.05011,
// version 2), with their optimiser. They stay at the archive.
#ifndef CONSORT_NODE_TRAINER_MODELS_DISCRIMINATORS_H_
#define CONSORT_NODE_TRAINER_MODELS_DISCRIMINATORS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "node/trainer/models/architecture.h"
#include "node/trainer/models/weight_set.h"
#include "node/trainer/training/adam.h"

namespace at {
class Tensor;
}

namespace consort::trainer {

// Five nets hear every second, third, fifth, seventh and eleventh sample (after Kong et al. 2020, arXiv
// 2010.05646), three the signal at its rate, half of it and a quarter (after Kumar et al. 2019, arXiv
// 1910.06711): four convolutions of stride 4 with 1, 2, 4 and 8 times `capacity` channels and one onto a
// single channel. All but the last are weight-normalised (Salimans and Kingma 2016, arXiv 1602.07868), and so
// trained: as `direction` and `gain`. Not thread-safe. Audio is float32 [rows, 1, samples]. Calls throw
// c10::Error: callers in this folder catch.
class Discriminators {
 public:
  static constexpr double kLearningRate = 1e-4;
  static constexpr double kFeatureWeight = 400;  // of feature matching: a weight of 20, multiplied in twice

  static std::vector<NamedTensor> Layout(int64_t capacity);

  // Untrained nets drawn from `seed`.
  static absl::StatusOr<std::unique_ptr<Discriminators>> Create(int64_t capacity, uint64_t seed);
  // What Save gave. Errors: InvalidArgument "artifact-damaged: ...".
  static absl::StatusOr<std::unique_ptr<Discriminators>> Load(int64_t capacity, absl::string_view bytes);
  // Values, moments of the optimiser and its steps. Training goes on from them bit by bit.
  absl::StatusOr<std::string> Save() const;

  // Makes one step of the optimiser and returns the loss before it, summed over nets: the mean of
  // max(0, 1 - D(recorded)) + max(0, 1 + D(generated)). Errors: OutOfRange "not-finite: ...", and then
  // nothing has changed.
  absl::StatusOr<double> Train(const at::Tensor& recorded, const at::Tensor& generated);

  // The generator's loss: minus the mean of D(generated), summed over nets, plus kFeatureWeight * feature
  // matching, which is the average over nets and their convolutions but the first of mean|f - g| / mean|f|,
  // where f and g are what the convolution makes of recorded and generated. `gradient` becomes that with
  // respect to `generated`.
  double Judge(const at::Tensor& recorded, const at::Tensor& generated, at::Tensor* gradient) const;

  // Of the trained values, in the order of their names; gradients are those of the last Train.
  const std::vector<NamedTensor>& trainable() const { return weights_->trainable(); }
  absl::Span<float> values() { return weights_->values(); }
  absl::Span<const float> gradients() const { return std::as_const(*weights_).gradients(); }

 private:
  explicit Discriminators(std::unique_ptr<WeightSet> weights);
  std::unique_ptr<WeightSet> weights_;
  Adam optimiser_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_DISCRIMINATORS_H_
