// The accepted updates of one round as they lie on disk.
#ifndef CONSORT_COORDINATOR_AGGREGATION_SPOOL_SET_H_
#define CONSORT_COORDINATOR_AGGREGATION_SPOOL_SET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/artifact/durable_file.h"
#include "common/update/manifest.h"
#include "coordinator/aggregation/ring_sum.h"

namespace consort::coordinator {

// Not thread-safe. Memory: one block, whatever the number of spools.
class SpoolSet {
 public:
  // Errors: InvalidArgument for no spool, more than the cohort bound, one of the wrong length, or a weight of
  // 0 or above max_weight; NotFound; Internal.
  static absl::StatusOr<SpoolSet> Open(const std::vector<std::string>& paths, const Manifest& manifest);

  // Sum of the last coordinates.
  uint64_t weight_total() const { return weight_total_; }

  // Restarts `sum` and adds coordinates [begin, begin + size) of every spool, in their order.
  absl::Status SumBlock(int64_t begin, int64_t size, RingSum& sum);

 private:
  explicit SpoolSet(std::vector<FileDescriptor> files) : files_(std::move(files)) {}
  absl::Status ReadWeights(const Manifest& manifest);

  std::vector<FileDescriptor> files_;
  std::vector<uint32_t> block_;
  uint64_t weight_total_ = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_SPOOL_SET_H_
