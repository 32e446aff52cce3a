#include "node/trainer/collection/recording_policy.h"

namespace consort::trainer {

absl::Status RecordingPolicy::Allows(absl::string_view recording_id, absl::string_view purpose) const {
  if (recording_id.empty() || purpose.empty()) {
    return absl::FailedPreconditionError(
        "no-consent: nobody consented to a use without a recording id and a purpose");
  }
  return AllowsSurvey();
}

absl::Status RecordingPolicy::AllowsSurvey() const {
  if (consent_ == kDeclaredByOperator) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "no-consent: this archive has not declared consent for its recordings; once it exists, set consent = "
      "\"declared-by-operator\" under [collection] in trainer.toml");
}

}  // namespace consort::trainer
