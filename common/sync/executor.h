// Runs work one piece at a time, in the order it was posted, and owns the clock of whoever runs on it.
//
// State that belongs to an executor is touched only by work that runs there, so it needs no lock. Programs
// use ThreadExecutor; tests use SimulatedExecutor (tests/support), whose clock moves only when told to.
#ifndef CONSORT_COMMON_SYNC_EXECUTOR_H_
#define CONSORT_COMMON_SYNC_EXECUTOR_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"

namespace consort {

class Executor {
 public:
  using Work = std::function<void()>;
  using TimerId = uint64_t;

  virtual ~Executor() = default;

  // Runs `work` after everything posted before it. Any thread may call this. Work posted after Stop is
  // dropped.
  virtual void Post(Work work) = 0;

  // Runs `work` once, no earlier than `delay` from now. Any thread may call this.
  virtual TimerId PostAfter(absl::Duration delay, Work work) = 0;

  // Makes sure that the timer's work does not start after this returns, if called on the executor; elsewhere
  // it may be running. Unknown and fired timers are ignored.
  virtual void Cancel(TimerId timer) = 0;

  // Monotonic time since an arbitrary start: for deadlines and durations.
  virtual absl::Duration Monotonic() const = 0;

  // Wall-clock time: for what people read and for certificates, never for deadlines.
  virtual absl::Time WallClock() const = 0;
};

}  // namespace consort

#endif  // CONSORT_COMMON_SYNC_EXECUTOR_H_
