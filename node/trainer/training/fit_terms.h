// What a job asks of one archive in one round.
#ifndef CONSORT_NODE_TRAINER_TRAINING_FIT_TERMS_H_
#define CONSORT_NODE_TRAINER_TRAINING_FIT_TERMS_H_

#include <cstdint>

namespace consort::trainer {

struct FitTerms {
  uint32_t round = 1;          // from 1
  int steps = 0;               // > 0
  int batch_size = 0;          // > 0
  int64_t window_samples = 0;  // a multiple of the family's hop
  double learning_rate = 0;    // > 0; at the first step. It falls linearly: at the last of n it is an n-th of it
  double proximal_mu = 0;      // FedProx: adds mu / 2 * |w - w0|^2 to the loss (Li et al. 2020, arXiv 1812.06127)
  uint64_t windows_seed = 0;   // draws windows
  uint64_t steps_seed = 0;     // draws noise within a step
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_FIT_TERMS_H_
