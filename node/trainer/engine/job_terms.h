// What a job asks of the trainer, checked and turned into the terms of families, training and updates.
#ifndef CONSORT_NODE_TRAINER_ENGINE_JOB_TERMS_H_
#define CONSORT_NODE_TRAINER_ENGINE_JOB_TERMS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/update/manifest.h"
#include "consort/v1/job.pb.h"
#include "node/trainer/families/family.h"

namespace consort::trainer {

struct JobTerms {
  const Family* family = nullptr;
  FamilyTerms model;
  FitTerms fit;                      // round and seeds not set: they depend on the round and the archive
  bool personal = false;             // archives train copies of their own (personal_copy.h)
  double personal_lambda = 0;        // their pull towards the shared model, >= 0
  int personal_steps = 0;            // theirs a round, > 0
  int recordings_per_tradition = 0;  // evaluation's cap
  bool needs_losses = false;         // the objective weighs archives by losses of their training recordings
  uint32_t validation_percent =
      0;  // of each training recording: losses are taken there, it is not trained on
};

// Errors: InvalidArgument "wrong-architecture: ..." for an unknown one, "wrong-job: ..." for terms out of
// their range in consort/v1/job.proto, or that do not suit the family.
absl::StatusOr<JobTerms> ReadJobTerms(const v1::JobSpec& spec);

// What an update of this model consists of. Errors: those of Manifest::Create, with "wrong-job" first.
absl::StatusOr<Manifest> ManifestFor(const JobTerms& terms, const FamilyModel& model);

// Seeds of one archive's round; another job, round or archive gives other ones.
struct RoundSeeds {
  uint64_t windows = 0;
  uint64_t steps = 0;
  uint64_t personal_windows = 0;  // of the archive's own copy
  uint64_t personal_steps = 0;
};
RoundSeeds SeedsFor(const v1::JobSpec& spec, absl::string_view job_digest, uint32_t round,
                    absl::string_view archive);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_JOB_TERMS_H_
