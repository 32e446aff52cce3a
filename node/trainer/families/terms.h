// What a job asks of a family, checked as far as it does not depend on the family.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_TERMS_H_
#define CONSORT_NODE_TRAINER_FAMILIES_TERMS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/update/manifest.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// The same for every round of a job.
struct FamilyTerms {
  Adaptation adaptation;
  ModelTerms model;
  Manifest::Terms update;               // clip norm, largest weight, most archives
  std::vector<std::string> traditions;  // that the job names, in name order; classes of families that classify
  uint64_t seed = 0;                    // draws an untrained model
};

// One archive's part of one round.
struct FitTerms {
  uint32_t round = 1;           // from 1
  int steps = 0;                // > 0
  int batch_size = 0;           // > 0
  int64_t window_samples = 0;   // a multiple of the family's hop
  double learning_rate = 0;     // > 0; at the first step. It falls linearly: at the last of n it is an n-th of it
  double proximal_mu = 0;       // FedProx: adds mu / 2 * |w - w0|^2 to the loss (Li et al. 2020, arXiv 1812.06127)
  uint64_t windows_seed = 0;    // draws windows
  uint64_t steps_seed = 0;      // draws noise within a step
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_TERMS_H_
