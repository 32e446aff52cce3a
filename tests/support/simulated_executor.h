// An Executor whose clock moves only when the test says so. Single-threaded.
#ifndef CONSORT_TESTS_SUPPORT_SIMULATED_EXECUTOR_H_
#define CONSORT_TESTS_SUPPORT_SIMULATED_EXECUTOR_H_

#include <deque>
#include <map>
#include <utility>

#include "common/sync/executor.h"

namespace consort::testing {

class SimulatedExecutor : public Executor {
 public:
  void Post(Work work) override;
  TimerId PostAfter(absl::Duration delay, Work work) override;
  void Cancel(TimerId timer) override;
  absl::Duration Monotonic() const override { return now_; }
  absl::Time WallClock() const override { return absl::FromUnixSeconds(1'800'000'000) + now_; }

  // Runs all work that is ready, and what that work posts, until nothing is.
  void RunUntilIdle();
  // Moves the clock by `duration`, running each timer at its moment.
  void Advance(absl::Duration duration);

 private:
  absl::Duration now_ = absl::ZeroDuration();
  std::deque<Work> ready_;
  std::map<std::pair<absl::Duration, TimerId>, Work> timers_;
  TimerId next_timer_ = 1;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_SIMULATED_EXECUTOR_H_
