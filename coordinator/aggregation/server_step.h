// One step of the server's optimiser on a piece of the model. One file per optimiser implements it.
#ifndef CONSORT_COORDINATOR_AGGREGATION_SERVER_STEP_H_
#define CONSORT_COORDINATOR_AGGREGATION_SERVER_STEP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "coordinator/aggregation/aggregate.h"

namespace consort::coordinator {

// A value that the optimiser keeps for each coordinate from round to round. Stored as tensor
// `name`/<segment>.
struct Moment {
  std::string name;
  float initial = 0;  // before the first round
};

// Immutable; thread-safe. Arithmetic is binary64 for each coordinate, rounded once to binary32.
class ServerStep {
 public:
  virtual ~ServerStep() = default;

  virtual std::vector<Moment> moments() const = 0;
  // Updates `state` and the moments in place from the average delta; all spans have one length, `moments` has
  // the order of moments().
  virtual void Apply(absl::Span<const float> average, absl::Span<float> state,
                     absl::Span<const absl::Span<float>> moments) const = 0;
};

std::unique_ptr<ServerStep> MakeFedAvg(double learning_rate);
std::unique_ptr<ServerStep> MakeFedAvgM(double learning_rate, double momentum);
std::unique_ptr<ServerStep> MakeFedAdam(double learning_rate, double beta1, double beta2, double tau);

// Errors: InvalidArgument for a learning rate or tau that is not positive, or a momentum or beta2 outside [0,
// 1).
absl::StatusOr<std::unique_ptr<ServerStep>> MakeServerStep(const ServerOptimiser& optimiser);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_SERVER_STEP_H_
