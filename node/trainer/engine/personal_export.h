// What copies of their own an archive keeps, and how staff get at one.
#ifndef CONSORT_NODE_TRAINER_ENGINE_PERSONAL_EXPORT_H_
#define CONSORT_NODE_TRAINER_ENGINE_PERSONAL_EXPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consort/v1/job.pb.h"

namespace consort::trainer {

// The newest copy of one job.
struct PersonalCopy {
  std::string job_digest;  // SHA-256 of the job's specification, hex
  uint32_t round = 0;
  v1::JobSpec spec;
  std::string state;  // safetensors
};

// Of every job, by digest; files that are no copies are left out. `state_directory`: the trainer's. Errors:
// NotFound if there is no such folder; as StatusOfErrno if it cannot be read.
absl::StatusOr<std::vector<PersonalCopy>> FindPersonalCopies(const std::string& state_directory);

// The whole model with the copy merged in, safetensors. `base`: the job's base model. Errors: InvalidArgument
// "wrong-base: ..." if it is another one; those of Family::Load and FamilyModel::Export.
absl::StatusOr<std::string> MergePersonalCopy(const PersonalCopy& copy, absl::string_view base);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_PERSONAL_EXPORT_H_
