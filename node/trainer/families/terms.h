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
  Adaptation adaptation;     // `trained` is set for each round by the family
  bool alternating = false;  // adapters whose factors take turns: B in odd rounds, A in even ones
  bool scaffold = false;     // control variates (training/control_variates.h)
  ModelTerms model;
  Manifest::Terms update;  // clip norm, largest weight, most archives
  std::vector<std::string>
      traditions;               // that the job names, in name order; classes of families that classify
  uint64_t seed = 0;            // draws an untrained model
  uint32_t analysis_round = 0;  // the round that trains nothing and adds up latents; 0: none
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_TERMS_H_
