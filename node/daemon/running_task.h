// A task that is queued or running, as the flows share it with the worker.
#ifndef CONSORT_NODE_DAEMON_RUNNING_TASK_H_
#define CONSORT_NODE_DAEMON_RUNNING_TASK_H_

#include "common/sync/executor.h"
#include "common/trainer_client/trainer.h"

namespace consort::node {

// Shared by the executor (which cancels) and the worker (which looks).
struct RunningTask {
  Cancellation cancellation;
  // Touched on the executor only:
  bool called_off =
      false;             // by the coordinator, its deadline or the daemon's end: nobody waits for an answer
  bool discard = false;  // and nobody will ask for it again
  Executor::TimerId deadline = 0;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_RUNNING_TASK_H_
