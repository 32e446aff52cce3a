#include <cmath>

#include "coordinator/aggregation/server_step.h"

namespace consort::coordinator {
namespace {

// Reddi et al. 2021 (arXiv 2003.00295), algorithm 2: m = b1 m + (1 - b1) d; v = b2 v + (1 - b2) d^2;
// state += learning_rate * m / (sqrt(v) + tau). m starts at 0 and v at tau^2, the least the algorithm allows.
class FedAdam : public ServerStep {
 public:
  FedAdam(double learning_rate, double beta1, double beta2, double tau)
      : learning_rate_(learning_rate), beta1_(beta1), beta2_(beta2), tau_(tau) {}

  std::vector<Moment> moments() const override {
    return {{"first", 0}, {"second", static_cast<float>(tau_ * tau_)}};
  }
  void Apply(absl::Span<const float> average, absl::Span<float> state,
             absl::Span<const absl::Span<float>> moments) const override {
    const absl::Span<float> first = moments[0];
    const absl::Span<float> second = moments[1];
    for (size_t i = 0; i < state.size(); ++i) {
      const double delta = average[i];
      const double m = beta1_ * first[i] + (1 - beta1_) * delta;
      const double v = beta2_ * second[i] + (1 - beta2_) * delta * delta;
      first[i] = static_cast<float>(m);
      second[i] = static_cast<float>(v);
      state[i] = static_cast<float>(state[i] + learning_rate_ * m / (std::sqrt(v) + tau_));
    }
  }

 private:
  double learning_rate_;
  double beta1_;
  double beta2_;
  double tau_;
};

}  // namespace

std::unique_ptr<ServerStep> MakeFedAdam(double learning_rate, double beta1, double beta2, double tau) {
  return std::make_unique<FedAdam>(learning_rate, beta1, beta2, tau);
}

}  // namespace consort::coordinator
