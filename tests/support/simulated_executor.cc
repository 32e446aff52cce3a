#include "tests/support/simulated_executor.h"

namespace consort::testing {

void SimulatedExecutor::Post(Work work) { ready_.push_back(std::move(work)); }

Executor::TimerId SimulatedExecutor::PostAfter(absl::Duration delay, Work work) {
  const TimerId id = next_timer_++;
  timers_.emplace(std::make_pair(now_ + delay, id), std::move(work));
  return id;
}

void SimulatedExecutor::Cancel(TimerId timer) {
  for (auto entry = timers_.begin(); entry != timers_.end(); ++entry) {
    if (entry->first.second == timer) {
      timers_.erase(entry);
      return;
    }
  }
}

void SimulatedExecutor::RunUntilIdle() {
  while (!ready_.empty()) {
    Work work = std::move(ready_.front());
    ready_.pop_front();
    work();
  }
}

void SimulatedExecutor::Advance(absl::Duration duration) {
  const absl::Duration end = now_ + duration;
  RunUntilIdle();
  while (!timers_.empty() && timers_.begin()->first.first <= end) {
    now_ = timers_.begin()->first.first;
    Work work = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    work();
    RunUntilIdle();
  }
  now_ = end;
}

}  // namespace consort::testing
