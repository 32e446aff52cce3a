#include "coordinator/aggregation/server_step.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace consort::coordinator {
namespace {

bool IsPositive(double value) { return std::isfinite(value) && value > 0; }
bool IsDecay(double value) { return value >= 0 && value < 1; }

absl::Status Refuse(absl::string_view what, double found) {
  return absl::InvalidArgumentError(
      absl::StrCat("the server's optimiser cannot run; change the job: ", what, found));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerStep>> MakeServerStep(const ServerOptimiser& optimiser) {
  if (!IsPositive(optimiser.learning_rate)) {
    return Refuse("server_learning_rate must be above 0, found ", optimiser.learning_rate);
  }
  if (optimiser.kind == ServerOptimiser::Kind::kFedAvg) return MakeFedAvg(optimiser.learning_rate);
  if (!IsDecay(optimiser.momentum))
    return Refuse("server_momentum must be in [0, 1), found ", optimiser.momentum);
  if (optimiser.kind == ServerOptimiser::Kind::kFedAvgM) {
    return MakeFedAvgM(optimiser.learning_rate, optimiser.momentum);
  }
  if (!IsDecay(optimiser.beta2)) return Refuse("server_beta2 must be in [0, 1), found ", optimiser.beta2);
  if (!IsPositive(optimiser.epsilon))
    return Refuse("server_epsilon must be above 0, found ", optimiser.epsilon);
  return MakeFedAdam(optimiser.learning_rate, optimiser.momentum, optimiser.beta2, optimiser.epsilon);
}

}  // namespace consort::coordinator
