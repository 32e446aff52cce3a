// Ends a call in which nothing has moved for a while: a slow transfer goes on, a dead one ends by name.
#ifndef CONSORT_CLI_RPC_STALL_GUARD_H_
#define CONSORT_CLI_RPC_STALL_GUARD_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "common/sync/mutex.h"

namespace consort::cli {

// Calls `on_stall` once, from its own thread, when Moved() has not been called for `limit`.
class StallGuard {
 public:
  StallGuard(absl::Duration limit, std::function<void()> on_stall)
      : limit_(absl::ToChronoMilliseconds(limit)),
        on_stall_(std::move(on_stall)),
        thread_([this] { Watch(); }) {}
  ~StallGuard() {
    {
      MutexLock lock(mutex_);
      done_ = true;
    }
    changed_.NotifyOne();
    thread_.join();
  }

  void Moved() {
    {
      MutexLock lock(mutex_);
      moved_ = true;
    }
    changed_.NotifyOne();
  }
  bool stalled() const { return stalled_; }

 private:
  void Watch() {
    MutexLock lock(mutex_);
    while (!done_) {
      const bool in_time = changed_.WaitFor(mutex_, limit_);
      if (!in_time && !moved_ && !done_) {
        stalled_ = true;
        on_stall_();
        return;
      }
      moved_ = false;
    }
  }

  const std::chrono::milliseconds limit_;
  const std::function<void()> on_stall_;
  Mutex mutex_;
  CondVar changed_;
  bool moved_ CONSORT_GUARDED_BY(mutex_) = false;
  bool done_ CONSORT_GUARDED_BY(mutex_) = false;
  std::atomic<bool> stalled_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_RPC_STALL_GUARD_H_
