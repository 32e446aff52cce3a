#include "node/trainer/training/adam.h"

#include <cmath>

namespace consort::trainer {

void Adam::Step(absl::Span<float> values, absl::Span<const float> gradients, double learning_rate) {
  ++steps_;
  const float rate = static_cast<float>(learning_rate / (1 - std::pow(kBeta1, steps_)));
  const float correction = static_cast<float>(1 / (1 - std::pow(kBeta2, steps_)));
  for (size_t i = 0; i < values.size(); ++i) {
    const float gradient = gradients[i];
    first_moment_[i] = kBeta1 * first_moment_[i] + (1 - kBeta1) * gradient;
    second_moment_[i] = kBeta2 * second_moment_[i] + (1 - kBeta2) * gradient * gradient;
    values[i] -= rate * first_moment_[i] / (std::sqrt(second_moment_[i] * correction) + kEpsilon);
  }
}

}  // namespace consort::trainer
