// Runs work on an executor from outside and waits for its result.
#ifndef CONSORT_COMMON_SYNC_RUN_ON_H_
#define CONSORT_COMMON_SYNC_RUN_ON_H_

#include <future>
#include <memory>
#include <utility>

#include "common/sync/executor.h"

namespace consort {

// Not to be called on the executor, nor after it has stopped: the wait has no limit. For the start and the
// end of a daemon.
template <class Work>
auto RunOn(Executor& executor, Work work) -> decltype(work()) {
  auto task = std::make_shared<std::packaged_task<decltype(work())()>>(std::move(work));
  auto result = task->get_future();
  executor.Post([task] { (*task)(); });
  return result.get();
}

}  // namespace consort

#endif  // CONSORT_COMMON_SYNC_RUN_ON_H_
