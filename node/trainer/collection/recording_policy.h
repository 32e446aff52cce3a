// Decides whether a recording may be used. Every read of a recording asks it; no other code decides.
#ifndef CONSORT_NODE_TRAINER_COLLECTION_RECORDING_POLICY_H_
#define CONSORT_NODE_TRAINER_COLLECTION_RECORDING_POLICY_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace consort::trainer {

// The one policy there is now: the operator has declared in trainer.toml, for the whole collection, that
// consent exists. What is not said is refused. Immutable, thread-safe.
class RecordingPolicy {
 public:
  static constexpr absl::string_view kDeclaredByOperator = "declared-by-operator";

  // `consent`: as in trainer.toml.
  explicit RecordingPolicy(std::string consent) : consent_(std::move(consent)) {}

  // Asked when a job is planned and again whenever a recording is opened, since consent may end in between.
  // Errors: FailedPrecondition "no-consent: ..."
  absl::Status Allows(absl::string_view recording_id, absl::string_view purpose) const;
  // Whether recordings may be looked at in order to describe the collection. Errors: as Allows.
  absl::Status AllowsSurvey() const;

 private:
  std::string consent_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_COLLECTION_RECORDING_POLICY_H_
