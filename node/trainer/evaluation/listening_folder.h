// Writes what a custodian compares by ear: original, before and after. For the archive's staff; never sent.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_LISTENING_FOLDER_H_
#define CONSORT_NODE_TRAINER_EVALUATION_LISTENING_FOLDER_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace consort::trainer {

// One folder for a job's round: DIRECTORY/<job
// name>/round-<number>/<tradition>-<k>-{original,before,after}.wav. Folders 0750, files 0640. A round
// evaluated again replaces its files. Not thread-safe.
class ListeningFolder {
 public:
  // `job_name`, `tradition`: whatever is not a letter, digit, '-' or '_' of ASCII, or part of a UTF-8
  // sequence, becomes
  // '-' in names. Errors: as StatusOfErrno.
  static absl::StatusOr<ListeningFolder> Create(const std::string& directory, absl::string_view job_name,
                                                int round);

  struct Example {
    absl::Span<const float> original, before, after;  // mono, full scale = 1
  };
  // `number`: from 1. Errors: as StatusOfErrno.
  absl::Status Write(absl::string_view tradition, int number, const Example& example,
                     int sample_rate_hz) const;

 private:
  explicit ListeningFolder(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_LISTENING_FOLDER_H_
