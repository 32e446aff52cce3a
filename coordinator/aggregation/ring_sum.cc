#include "coordinator/aggregation/ring_sum.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/update/vector_clones.h"

namespace consort::coordinator {
namespace {

CONSORT_VECTOR_CLONES void AddAll(const uint32_t* __restrict block, size_t count, uint32_t* __restrict sum) {
  for (size_t i = 0; i < count; ++i) sum[i] += block[i];
}

}  // namespace

absl::StatusOr<RingSum> RingSum::Create(int64_t block_size, int64_t max_updates) {
  if (block_size <= 0 || max_updates <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a ring sum needs a positive block size and cohort bound: ", block_size, " and ", max_updates));
  }
  return RingSum(block_size, max_updates);
}

absl::Status RingSum::Restart(int64_t size) {
  if (size <= 0 || size > static_cast<int64_t>(sum_.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("a block's size is outside the ring sum's: ", size, ", at most ", sum_.size()));
  }
  size_ = size;
  updates_ = 0;
  return absl::OkStatus();
}

absl::Status RingSum::Add(absl::Span<const uint32_t> block) {
  if (static_cast<int64_t>(block.size()) != size_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a block of an update has another length than the sum: ", block.size(), ", expected ", size_));
  }
  if (updates_ == max_updates_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("more updates than the cohort bound, for which the sum is safe: ", max_updates_));
  }
  if (updates_ == 0) {
    std::copy(block.begin(), block.end(), sum_.begin());
  } else {
    AddAll(block.data(), block.size(), sum_.data());
  }
  ++updates_;
  return absl::OkStatus();
}

absl::StatusOr<absl::Span<const int32_t>> RingSum::Sum() const {
  if (updates_ == 0)
    return absl::FailedPreconditionError("a ring sum was asked for before any update was added");
  return absl::MakeConstSpan(reinterpret_cast<const int32_t*>(sum_.data()), static_cast<size_t>(size_));
}

}  // namespace consort::coordinator
