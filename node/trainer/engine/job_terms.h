// What a job asks of the trainer, checked and turned into the terms of models, training and updates.
#ifndef CONSORT_NODE_TRAINER_ENGINE_JOB_TERMS_H_
#define CONSORT_NODE_TRAINER_ENGINE_JOB_TERMS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/update/manifest.h"
#include "consort/v1/job.pb.h"
#include "node/trainer/models/architecture.h"
#include "node/trainer/training/local_training.h"

namespace consort::trainer {

struct JobTerms {
  const Architecture* architecture = nullptr;
  Adaptation adaptation;
  TrainingTerms training;  // seed not set: it depends on round and archive
  int64_t window_samples = 0;
  int recordings_per_tradition = 0;  // evaluation's cap
};

// Errors: InvalidArgument "wrong-architecture: ..." for an unknown one, "wrong-job: ..." for terms out of
// their range in consort/v1/job.proto or a window that does not suit the architecture.
absl::StatusOr<JobTerms> ReadJobTerms(const v1::JobSpec& spec);

// The one manifest of such a job: a delta for each trainable tensor, and the number of windows trained on.
// Errors: those of Manifest::Create, with "wrong-job" first.
absl::StatusOr<Manifest> ManifestFor(const v1::JobSpec& spec, const Model& model);

// Seeds of one archive's round; another job, round or archive gives other ones.
struct RoundSeeds {
  uint64_t windows = 0;
  uint64_t steps = 0;
};
RoundSeeds SeedsFor(const v1::JobSpec& spec, absl::string_view job_digest, uint32_t round,
                    absl::string_view archive);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_JOB_TERMS_H_
