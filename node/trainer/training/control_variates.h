// SCAFFOLD (Karimireddy et al. 2020, arXiv 1910.06378): steps of an archive are corrected by how its
// gradients differ from those of all, so that many local steps do not drift towards its own minimum.
#ifndef CONSORT_NODE_TRAINER_TRAINING_CONTROL_VARIATES_H_
#define CONSORT_NODE_TRAINER_TRAINING_CONTROL_VARIATES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/architectures/named_tensor.h"
#include "common/update/manifest.h"
#include "node/trainer/training/local_training.h"

namespace consort::trainer {

// One archive's control variate c_i and that of all, c. Every step takes the gradient g - c_i + c.
//
// c_i is the mean of the loss's own gradients over the round's local steps. With plain gradient descent that
// is the paper's option II: the way that a model went, divided by steps and learning rate, is the mean of g -
// c_i + c. The local optimiser here is Adam, whose steps do not tell the gradients' size, so the mean is
// taken directly; it does not depend on the optimiser. Archives that run to the end of their own training in
// every round learn c slowly.
//
// c_i stays at the archive. What travels are the segments `statistics/control/<tensor>`, c_i in exact steps
// of a quantum, and `statistics/control-archives`, 1 for each archive; their sums stand in the next round's
// state, and c = sum / archives. Only those who took part in the last round are in c, where the paper keeps
// the mean over everybody. An archive without a c_i of its own yet trains without correction. c is the plain
// mean over archives, so that what is minimised is the plain mean of their losses, whatever their weights
// are: jobs must give all the same weight.
//
// Not thread-safe.
class ControlVariates {
 public:
  // Largest |value| of a mean gradient.
  static constexpr double kBound = 64;
  // Most archives in a round for which a quantum is fine enough: kBound / 2^20.
  static constexpr uint32_t kMostArchives = 2047;

  // The step of the values that travel: as fine as sums of `cohort_bound` archives fit the ring of 32 bits,
  // which is kBound / 2^24 for 64 archives and twice that for 128. A power of two.
  static double QuantumFor(uint32_t cohort_bound);

  // `trained`: tensors in the model's order. `cohort_bound`: 1 to kMostArchives.
  ControlVariates(const std::vector<NamedTensor>& trained, uint32_t cohort_bound);

  // Takes c from a round's state; without such tensors, as in a state of before the first round, there is
  // none. Errors: those of ReadTensors.
  absl::Status ReadShared(absl::string_view state);
  // Takes c_i from what the archive kept and returns the rest of it, which is the model's. Empty: nothing was
  // kept. Errors: InvalidArgument "artifact-damaged: ...".
  absl::StatusOr<std::string> ReadLocal(absl::string_view local);

  // c - c_i in the model's order; empty while there is no c or no c_i.
  const std::vector<float>& correction() const { return correction_; }

  // Takes the new c_i: gradient_sum / gradient_steps to the nearest quantum. A training without such a step
  // leaves things as they were, and Statistics then counts no archive. Errors: OutOfRange
  // "control-above-bound: ..." naming the tensor, the value and kBound; nothing is ever clipped.
  absl::Status Learn(const TrainingOutcome& outcome);
  // Values of Segments, after Learn.
  std::vector<float> Statistics() const;
  // What the archive keeps: c_i and the model's part. Errors: as WriteSafetensors.
  absl::StatusOr<std::string> SaveLocal(absl::string_view model) const;

  // What travels, in order.
  std::vector<Segment> Segments() const;
  // The state with the sums, zeros where there are none. Errors: as WithTensors.
  absl::StatusOr<std::string> AddTo(absl::string_view state) const;

 private:
  void Correct();

  const std::vector<NamedTensor> trained_;
  std::vector<NamedTensor> shared_;  // names and shapes of the segments
  const double quantum_;
  size_t size_ = 0;          // values of trained_
  std::vector<float> sums_;  // of shared_, as the state holds them
  std::vector<float> own_;   // c_i; empty: none yet
  std::vector<float> correction_;
  bool learnt_ = false;
};

// The state or whole model without sums of control variates, for readers that know only the model: `state`
// itself where there are none, else `storage`, which must outlive the result. Empty stays empty. Errors:
// InvalidArgument "artifact-damaged: ...".
absl::StatusOr<absl::string_view> WithoutControlVariates(absl::string_view state, std::string& storage);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_CONTROL_VARIATES_H_
