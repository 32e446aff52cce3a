// Turns the accepted updates of one round into the next state of the model. No network, no LibTorch, no
// clock.
#ifndef CONSORT_COORDINATOR_AGGREGATION_AGGREGATE_H_
#define CONSORT_COORDINATOR_AGGREGATION_AGGREGATE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/update/manifest.h"

namespace consort::coordinator {

// The server's optimiser. FedAvg: state += learning_rate * average (McMahan et al. 2017). FedAvgM: v =
// momentum * v
// + average, state += learning_rate * v (Hsu et al. 2019). FedAdam: Reddi et al. 2021, algorithm 2, with tau
// = epsilon and no bias correction.
struct ServerOptimiser {
  enum class Kind { kFedAvg, kFedAvgM, kFedAdam };
  Kind kind = Kind::kFedAvg;
  double learning_rate = 1;
  double momentum = 0;
  double beta2 = 0;
  double epsilon = 0;
};

struct AggregateRequest {
  const Manifest* manifest = nullptr;    // borrowed
  std::vector<std::string> spool_paths;  // accepted updates, in roster order; at least one
  // Safetensors. F32 tensors named as the delta segments take the server's step; those named as a statistics
  // segment become its sum.
  std::string state_path;
  std::string moments_path;  // safetensors of the optimiser's moments; empty in round 1 and for FedAvg
  ServerOptimiser optimiser;
  std::string output_directory;  // same file system as the artifact store; files are written here
  std::vector<std::pair<std::string, std::string>> metadata;  // of the new state's file
};

struct AggregateResult {
  std::string state_path;      // new safetensors; whoever moves it to its place syncs it
  std::string state_artifact;  // the file's SHA-256, hex
  std::string state_digest;    // its tensor digest
  std::string moments_path;    // as state_path; empty for FedAvg
  std::string moments_artifact;
  std::string sum_digest;  // SHA-256 of the ring sum, uint32 little-endian, hex
  uint64_t weight_total = 0;
  std::vector<double> statistics;  // decoded sums of the statistics segments
  double average_norm = 0;         // L2 norm of the decoded average delta
};

// Folds the spools block by block (kBlockCoordinates), so that memory depends neither on their number nor on
// the model's size; the ring sum is exact, so the result does not depend on the order. Tensors of the state
// that no segment names are copied unchanged. Blocking; call it off the control executor. Errors:
// InvalidArgument for a spool of the wrong length or a state that lacks a segment's tensor or has another
// shape or dtype; DataLoss if a decoded value is not finite; ResourceExhausted for a full disk; Internal.
absl::StatusOr<AggregateResult> Aggregate(const AggregateRequest& request);

inline constexpr int64_t kBlockCoordinates = 1 << 20;

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_AGGREGATE_H_
