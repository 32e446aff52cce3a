// One piece of work at a time, first come first served.
#ifndef CONSORT_NODE_DAEMON_WORK_QUEUE_H_
#define CONSORT_NODE_DAEMON_WORK_QUEUE_H_

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace consort::node {

// Starts the next piece when the one before is done: one trainer, one machine. Owned by the daemon's
// executor.
class WorkQueue {
 public:
  static constexpr size_t kMaxQueued = 64;  // open rounds and offers of all jobs together

  // Starts `start` now or when its turn comes. Errors: ResourceExhausted for a full queue. A piece whose id
  // is queued or running already is not added again (OK).
  absl::Status Add(const std::string& id, std::function<void()> start);
  // The running piece `id` has ended; others are ignored.
  void Done(const std::string& id);
  // Takes a piece out that has not started. Returns whether it was there.
  bool Remove(const std::string& id);

  bool Holds(const std::string& id) const;
  const std::string& running() const { return running_; }  // empty: none
  size_t size() const { return queued_.size() + (running_.empty() ? 0 : 1); }
  std::vector<std::string> Ids() const;  // running first

 private:
  void StartNext();

  std::string running_;
  std::deque<std::pair<std::string, std::function<void()>>> queued_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_WORK_QUEUE_H_
