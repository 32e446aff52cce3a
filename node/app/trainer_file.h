// The trainer.toml that enrolment writes: where the recordings are, and whether they may be used.
#ifndef CONSORT_NODE_APP_TRAINER_FILE_H_
#define CONSORT_NODE_APP_TRAINER_FILE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace consort::node {

// The only declaration of consent that the trainer knows (node/trainer/collection/recording_policy.h).
inline constexpr char kDeclaredByOperator[] = "declared-by-operator";

struct TrainerFile {
  std::string recordings_directory;
  std::string state_directory;
  std::string listening_directory;
  std::vector<std::pair<std::string, std::string>> traditions;  // subfolder, published name
  // Set by the operator's own act only. Otherwise the line is there as a comment and the trainer refuses.
  bool consent_declared = false;
};

// The text of the file. Errors: InvalidArgument if a name or path is not UTF-8.
absl::StatusOr<std::string> FormatTrainerFile(const TrainerFile& file);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_TRAINER_FILE_H_
