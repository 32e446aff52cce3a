// How many cores LibTorch may use.
#ifndef CONSORT_NODE_TRAINER_MODELS_COMPUTE_THREADS_H_
#define CONSORT_NODE_TRAINER_MODELS_COMPUTE_THREADS_H_

namespace consort::trainer {

// Sets the number for the whole process; 0: one for each core. Results are the same bits only for the same
// number. Returns the number in force.
int SetComputeThreads(int threads);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_COMPUTE_THREADS_H_
