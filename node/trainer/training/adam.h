// The Adam optimiser (Kingma and Ba 2015, algorithm 1) as one loop over a flat array of values.
#ifndef CONSORT_NODE_TRAINER_TRAINING_ADAM_H_
#define CONSORT_NODE_TRAINER_TRAINING_ADAM_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace consort::trainer {

// Not thread-safe.
class Adam {
 public:
  // Decay of the two moments as in RAVE; epsilon as in the paper.
  static constexpr float kBeta1 = 0.5f;
  static constexpr float kBeta2 = 0.9f;
  static constexpr float kEpsilon = 1e-8f;

  explicit Adam(size_t size) : first_moment_(size), second_moment_(size) {}

  // Moves `values` against `gradients`; both as long as the size given.
  void Step(absl::Span<float> values, absl::Span<const float> gradients, double learning_rate);

  // What a continuation needs; both moments have the size given.
  struct State {
    std::vector<float> first_moment;
    std::vector<float> second_moment;
    int64_t steps = 0;
  };
  State state() const { return {first_moment_, second_moment_, steps_}; }
  // Precondition: the sizes are those of the constructor.
  void Restore(State state) {
    first_moment_ = std::move(state.first_moment);
    second_moment_ = std::move(state.second_moment);
    steps_ = state.steps;
  }

 private:
  std::vector<float> first_moment_;
  std::vector<float> second_moment_;
  int64_t steps_ = 0;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_ADAM_H_
