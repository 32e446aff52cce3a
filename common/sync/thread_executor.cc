#include "common/sync/thread_executor.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace consort {

ThreadExecutor::ThreadExecutor() : thread_([this] { Run(); }) {}

ThreadExecutor::~ThreadExecutor() { Stop(); }

void ThreadExecutor::Post(Work work) {
  MutexLock lock(mutex_);
  if (stopping_) return;
  ready_.push_back(std::move(work));
  wake_.NotifyOne();
}

Executor::TimerId ThreadExecutor::PostAfter(absl::Duration delay, Work work) {
  MutexLock lock(mutex_);
  const TimerId id = next_timer_++;
  if (stopping_) return id;
  timers_.emplace(std::make_pair(Clock::now() + absl::ToChronoNanoseconds(delay), id), std::move(work));
  wake_.NotifyOne();
  return id;
}

void ThreadExecutor::Cancel(TimerId timer) {
  MutexLock lock(mutex_);
  const auto found = std::find_if(timers_.begin(), timers_.end(),
                                  [timer](const auto& entry) { return entry.first.second == timer; });
  if (found != timers_.end()) timers_.erase(found);
}

absl::Duration ThreadExecutor::Monotonic() const { return absl::FromChrono(Clock::now().time_since_epoch()); }

absl::Time ThreadExecutor::WallClock() const { return absl::Now(); }

void ThreadExecutor::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    timers_.clear();
    wake_.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
}

void ThreadExecutor::Run() {
  while (true) {
    Work work;
    {
      MutexLock lock(mutex_);
      while (true) {
        if (!timers_.empty() && timers_.begin()->first.first <= Clock::now()) {
          ready_.push_back(std::move(timers_.begin()->second));
          timers_.erase(timers_.begin());
          continue;
        }
        if (!ready_.empty()) break;
        if (stopping_) return;
        if (timers_.empty()) {
          wake_.Wait(mutex_);
        } else {
          wake_.WaitFor(mutex_, timers_.begin()->first.first - Clock::now());
        }
      }
      work = std::move(ready_.front());
      ready_.pop_front();
    }
    work();
  }
}

}  // namespace consort
