// Makes sure that the process begins with one thread. OpenBLAS, which LibTorch links, starts its crew of
// threads while the program is loaded, before main; those threads would stay outside the sandbox.
#ifndef CONSORT_NODE_TRAINER_APP_SINGLE_THREAD_START_H_
#define CONSORT_NODE_TRAINER_APP_SINGLE_THREAD_START_H_

#include "absl/status/status.h"

namespace consort::trainer {

// Returns OK when this process has one thread. Otherwise runs the program again, in the same process, with
// OPENBLAS_NUM_THREADS=1 (LibTorch's own threads are OpenMP's and start later; see
// node/trainer/models/compute_threads.h). Descriptors, process id and the parent-death signal stay.
// Errors: FailedPrecondition when it has more than one thread even so; Internal when it cannot be run again.
absl::Status EnsureSingleThread(char** argv);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_APP_SINGLE_THREAD_START_H_
