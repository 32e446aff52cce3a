// An Executor with one thread of its own.
#ifndef CONSORT_COMMON_SYNC_THREAD_EXECUTOR_H_
#define CONSORT_COMMON_SYNC_THREAD_EXECUTOR_H_

#include <chrono>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "common/sync/executor.h"
#include "common/sync/mutex.h"

namespace consort {

class ThreadExecutor : public Executor {
 public:
  ThreadExecutor();
  // Stops and joins.
  ~ThreadExecutor() override;

  void Post(Work work) override;
  TimerId PostAfter(absl::Duration delay, Work work) override;
  void Cancel(TimerId timer) override;
  absl::Duration Monotonic() const override;
  absl::Time WallClock() const override;

  // Finishes the work already posted, drops timers, and ends the thread. Not to be called on the executor.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;

  void Run();

  Mutex mutex_;
  CondVar wake_;
  std::deque<Work> ready_ CONSORT_GUARDED_BY(mutex_);
  std::map<std::pair<Clock::time_point, TimerId>, Work> timers_ CONSORT_GUARDED_BY(mutex_);
  TimerId next_timer_ CONSORT_GUARDED_BY(mutex_) = 1;
  bool stopping_ CONSORT_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: starts when everything above exists
};

}  // namespace consort

#endif  // CONSORT_COMMON_SYNC_THREAD_EXECUTOR_H_
