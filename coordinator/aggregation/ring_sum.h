// Adds the client updates of one round, block by block.
#ifndef CONSORT_COORDINATOR_AGGREGATION_RING_SUM_H_
#define CONSORT_COORDINATOR_AGGREGATION_RING_SUM_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::coordinator {

// A sum in the ring of 32-bit integers, exact and the same in any order (Bonawitz et al. 2017, section 4).
// Holds one block of coordinates; Restart begins the next one in the same memory. Not thread-safe.
class RingSum {
 public:
  // `block_size`: most coordinates in a block, > 0. `max_updates`: cohort bound for which the manifest proved
  // that no coordinate can overflow, > 0. Errors: InvalidArgument if either is not positive.
  static absl::StatusOr<RingSum> Create(int64_t block_size, int64_t max_updates);

  // Begins a block of `size` coordinates. Errors: InvalidArgument unless 0 < size <= block_size; the sum is
  // then as it was.
  absl::Status Restart(int64_t size);

  // Adds one update's block. `block`: uint32 [size], two's complement, pre-weighted.
  // Errors: InvalidArgument on a wrong length; ResourceExhausted past `max_updates`.
  // After an error the sum is as it was before the call.
  absl::Status Add(absl::Span<const uint32_t> block);

  // The sum, int32 [size]; valid until the next Restart or Add. Errors: FailedPrecondition if nothing was
  // added.
  absl::StatusOr<absl::Span<const int32_t>> Sum() const;

 private:
  RingSum(int64_t block_size, int64_t max_updates)
      : max_updates_(max_updates), size_(block_size), sum_(static_cast<size_t>(block_size)) {}

  int64_t max_updates_;
  int64_t size_;
  int64_t updates_ = 0;
  std::vector<uint32_t> sum_;  // unsigned: wrap-around is defined and is the ring
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_RING_SUM_H_
