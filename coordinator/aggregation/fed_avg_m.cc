#include "coordinator/aggregation/server_step.h"

namespace consort::coordinator {
namespace {

// Hsu et al. 2019 (arXiv 1909.06335): v = momentum * v + average; state += learning_rate * v.
class FedAvgM : public ServerStep {
 public:
  FedAvgM(double learning_rate, double momentum) : learning_rate_(learning_rate), momentum_(momentum) {}

  std::vector<Moment> moments() const override { return {{"momentum", 0}}; }
  void Apply(absl::Span<const float> average, absl::Span<float> state,
             absl::Span<const absl::Span<float>> moments) const override {
    const absl::Span<float> velocity = moments[0];
    for (size_t i = 0; i < state.size(); ++i) {
      const double next = momentum_ * velocity[i] + average[i];
      velocity[i] = static_cast<float>(next);
      state[i] = static_cast<float>(state[i] + learning_rate_ * next);
    }
  }

 private:
  double learning_rate_;
  double momentum_;
};

}  // namespace

std::unique_ptr<ServerStep> MakeFedAvgM(double learning_rate, double momentum) {
  return std::make_unique<FedAvgM>(learning_rate, momentum);
}

}  // namespace consort::coordinator
