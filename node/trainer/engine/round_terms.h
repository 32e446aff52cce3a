// What one round of a job asks of one archive's trainer.
#ifndef CONSORT_NODE_TRAINER_ENGINE_ROUND_TERMS_H_
#define CONSORT_NODE_TRAINER_ENGINE_ROUND_TERMS_H_

#include <cstdint>

#include "node/trainer/engine/job_terms.h"

namespace consort::trainer {

// Of the shared training: the job's terms with the round, its seeds, and of the augmentations that the job
// asks for those that the custodian allows; none in a round that trains nothing. Pure.
FitTerms FitOfRound(const JobTerms& terms, uint32_t round, const RoundSeeds& seeds,
                    const AugmentationTerms& allowed);

// Of the archive's own copy: `shared` with its own steps, other windows and other noise, and the pull towards
// the shared model. Pure.
FitTerms FitOfCopy(const JobTerms& terms, const FitTerms& shared, const RoundSeeds& seeds);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_ROUND_TERMS_H_
