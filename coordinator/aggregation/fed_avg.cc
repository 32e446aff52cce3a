#include "coordinator/aggregation/server_step.h"

namespace consort::coordinator {
namespace {

// McMahan et al. 2017, algorithm 1, with a server learning rate.
class FedAvg : public ServerStep {
 public:
  explicit FedAvg(double learning_rate) : learning_rate_(learning_rate) {}

  std::vector<Moment> moments() const override { return {}; }
  void Apply(absl::Span<const float> average, absl::Span<float> state,
             absl::Span<const absl::Span<float>>) const override {
    for (size_t i = 0; i < state.size(); ++i) {
      state[i] = static_cast<float>(state[i] + learning_rate_ * average[i]);
    }
  }

 private:
  double learning_rate_;
};

}  // namespace

std::unique_ptr<ServerStep> MakeFedAvg(double learning_rate) {
  return std::make_unique<FedAvg>(learning_rate);
}

}  // namespace consort::coordinator
