// Timers by name: setting one again replaces it, and all end with their owner.
#ifndef CONSORT_COORDINATOR_ROUNDS_NAMED_TIMERS_H_
#define CONSORT_COORDINATOR_ROUNDS_NAMED_TIMERS_H_

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "common/sync/executor.h"

namespace consort::coordinator {

// Every call on the executor.
class NamedTimers {
 public:
  explicit NamedTimers(Executor& executor) : executor_(executor) {}  // borrowed
  ~NamedTimers() {
    for (const auto& [name, timer] : timers_) executor_.Cancel(timer);
  }
  NamedTimers(const NamedTimers&) = delete;
  NamedTimers& operator=(const NamedTimers&) = delete;

  // A delay that is not positive runs the work as soon as the executor is free.
  void Set(const std::string& name, absl::Duration delay, Executor::Work work) {
    Cancel(name);
    timers_[name] =
        executor_.PostAfter(std::max(delay, absl::ZeroDuration()), [this, name, work = std::move(work)] {
          timers_.erase(name);
          work();
        });
  }
  void Cancel(const std::string& name) {
    const auto found = timers_.find(name);
    if (found == timers_.end()) return;
    executor_.Cancel(found->second);
    timers_.erase(found);
  }
  // All whose names end with "/" and `id`.
  void CancelAllOf(const std::string& id) {
    const std::string tail = "/" + id;
    for (auto entry = timers_.begin(); entry != timers_.end();) {
      const std::string& name = entry->first;
      const bool ends =
          name.size() > tail.size() && name.compare(name.size() - tail.size(), tail.size(), tail) == 0;
      if (ends) executor_.Cancel(entry->second);
      entry = ends ? timers_.erase(entry) : std::next(entry);
    }
  }
  bool IsSet(const std::string& name) const { return timers_.count(name) > 0; }

 private:
  Executor& executor_;
  std::map<std::string, Executor::TimerId> timers_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_NAMED_TIMERS_H_
