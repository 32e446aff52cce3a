// What is known of work under way and not worth a row: steps, bytes and their rate. Lost at a restart and
// told again.
#ifndef CONSORT_COORDINATOR_JOBS_LIVE_PROGRESS_H_
#define CONSORT_COORDINATOR_JOBS_LIVE_PROGRESS_H_

#include <cstdint>
#include <deque>
#include <utility>

#include "absl/time/time.h"

namespace consort::coordinator {

// Bytes a second over the last kWindow. Not thread-safe.
class RateMeter {
 public:
  static constexpr absl::Duration kWindow = absl::Seconds(10);
  static constexpr size_t kMaxSamples = 64;  // older ones are thinned out first

  // `total`: bytes so far; less than before when a transfer begins again.
  void Note(absl::Duration now, uint64_t total);
  // 0 when nothing moved within the window.
  double BytesPerSecond(absl::Duration now) const;

 private:
  std::deque<std::pair<absl::Duration, uint64_t>> samples_;
};

struct LiveProgress {
  uint32_t steps_done = 0;
  uint32_t steps_total = 0;
  uint64_t bytes_received = 0;
  uint64_t bytes_total = 0;
  double bytes_per_second = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_JOBS_LIVE_PROGRESS_H_
