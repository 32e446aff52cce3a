// How long to wait before the next attempt to reach the coordinator.
#ifndef CONSORT_NODE_DAEMON_BACKOFF_H_
#define CONSORT_NODE_DAEMON_BACKOFF_H_

#include <functional>

#include "absl/time/time.h"

namespace consort::node {

inline constexpr absl::Duration kFirstBackoff =
    absl::Seconds(1);  // a restarted coordinator is found within seconds
inline constexpr absl::Duration kLongestBackoff =
    absl::Seconds(30);  // and one that was away for hours within this

// Exponential backoff with full jitter: uniform in [0, min(longest, first * 2^n)) after n failures in a row,
// so that archives which lost the coordinator together do not come back together. Not thread-safe.
class Backoff {
 public:
  // `uniform` draws from [0, 1).
  explicit Backoff(std::function<double()> uniform, absl::Duration first = kFirstBackoff,
                   absl::Duration longest = kLongestBackoff);

  // The wait before the next attempt; the bound doubles with each call.
  absl::Duration Next();
  // An attempt succeeded: the bound is `first` again.
  void Reset();
  // From now on the bound is `longest`: the coordinator said no, and will not change its mind in seconds.
  void Slow();

 private:
  std::function<double()> uniform_;
  absl::Duration first_;
  absl::Duration longest_;
  absl::Duration bound_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_BACKOFF_H_
