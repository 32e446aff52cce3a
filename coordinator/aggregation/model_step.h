// Turns the average delta, a piece at a time, into the next state of the model and of the optimiser, on disk.
#ifndef CONSORT_COORDINATOR_AGGREGATION_MODEL_STEP_H_
#define CONSORT_COORDINATOR_AGGREGATION_MODEL_STEP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/update/manifest.h"
#include "coordinator/aggregation/aggregate.h"
#include "coordinator/aggregation/server_step.h"
#include "coordinator/aggregation/tensor_file.h"

namespace consort::coordinator {

// Not thread-safe. Files it has begun are removed if it ends without Finish.
class ModelStep {
 public:
  // Checks state and moments against the manifest, begins the new files and copies what no segment names.
  // Errors: those of Aggregate.
  static absl::StatusOr<ModelStep> Open(const AggregateRequest& request);

  // Applies the average to values [first, first + average.size()) of a delta segment. Each value is applied
  // once. Errors: DataLoss if a value is not finite afterwards; ResourceExhausted; Internal.
  absl::Status Apply(const Segment& segment, int64_t first, absl::Span<const float> average);
  // Puts the sum of a statistics segment in the place of the state's tensor of that name, rounded to float32;
  // a segment that names none changes nothing. Values as in Apply. Errors: ResourceExhausted; Internal.
  absl::Status Replace(const Segment& segment, int64_t first, absl::Span<const double> sums);

  // Keeps the files and fills the paths and the digest of `result`. Errors: Internal.
  absl::Status Finish(AggregateResult& result);

 private:
  ModelStep(std::unique_ptr<ServerStep> step, TensorReader state, TensorWriter next_state)
      : step_(std::move(step)),
        moments_(step_->moments()),
        state_(std::move(state)),
        next_state_(std::move(next_state)),
        moment_values_(moments_.size()) {}
  absl::Status OpenMoments(const AggregateRequest& request);
  absl::Status CopyTheRest(const Manifest& manifest);
  bool OldMomentsHave(const std::string& name) const;
  absl::Status ReadMoments(const Segment& segment, int64_t first, size_t count);
  absl::Status WriteMoments(const Segment& segment, int64_t first);

  std::unique_ptr<ServerStep> step_;
  std::vector<Moment> moments_;
  TensorReader state_;
  TensorWriter next_state_;
  std::optional<TensorReader> old_moments_;   // absent in the first round
  std::optional<TensorWriter> next_moments_;  // absent for FedAvg
  std::vector<float> values_;                 // the piece of the state in hand
  std::vector<std::vector<float>> moment_values_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_MODEL_STEP_H_
