// Where the engine's slow work runs: preparing a job, checking an update, folding a round. Never on the
// control executor.
#ifndef CONSORT_COORDINATOR_ROUNDS_BLOCKING_RUNNER_H_
#define CONSORT_COORDINATOR_ROUNDS_BLOCKING_RUNNER_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "common/sync/mutex.h"

namespace consort::coordinator {

class BlockingRunner {
 public:
  using Work = std::function<void()>;
  virtual ~BlockingRunner() = default;
  // Runs `work` on some other thread, later. Any thread may call this.
  virtual void Run(Work work) = 0;
};

// A few threads. The queue is bounded by what the engine asks for: one job's preparation, one check per open
// participation and one fold per open round, each at most once at a time.
class WorkerPool final : public BlockingRunner {
 public:
  explicit WorkerPool(int threads);
  // Stops and joins.
  ~WorkerPool() override;

  void Run(Work work) override;
  // Drops what has not begun, waits for what has, and ends the threads. Not to be called on one of them.
  void Stop();

 private:
  void Loop();

  Mutex mutex_;
  CondVar wake_;
  std::deque<Work> queue_ CONSORT_GUARDED_BY(mutex_);
  bool stopping_ CONSORT_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_BLOCKING_RUNNER_H_
