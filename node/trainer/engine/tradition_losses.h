// How well the state that a round begins with does on an archive's traditions: what the job's objective
// weighs by.
#ifndef CONSORT_NODE_TRAINER_ENGINE_TRADITION_LOSSES_H_
#define CONSORT_NODE_TRAINER_ENGINE_TRADITION_LOSSES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "consort/v1/trainer.pb.h"
#include "node/trainer/engine/job_terms.h"
#include "node/trainer/engine/validation_parts.h"

namespace consort::trainer {

// Windows of each tradition that its loss is taken over, at most.
inline constexpr size_t kLossWindows = 24;

// Of each tradition the mean of the family's measure (docs/measures.md) over windows of `terms`' length,
// evenly spaced over its parts. The same parts give the same windows, so that rounds of a job can be
// compared. In place of a silent one the next counts: relative to silence every error is immense. Traditions
// in name order; none where nothing was heard. What is read counts as heard. Errors: those of
// Repertoire::Read and ScoreRecording.
absl::StatusOr<std::vector<v1::TraditionLoss>> LossesOfTraditions(Repertoire& repertoire,
                                                                  const std::vector<Part>& parts,
                                                                  FamilyModel& model, const JobTerms& terms);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_TRADITION_LOSSES_H_
