// Writes what a custodian compares by ear and eye: original, before and after. For the archive's staff; never
// sent.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_LISTENING_FOLDER_H_
#define CONSORT_NODE_TRAINER_EVALUATION_LISTENING_FOLDER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "node/trainer/evaluation/listening_page.h"

namespace consort::trainer {

// One folder for a job's round: DIRECTORY/<job name>/round-<number>/ with index.html, which is what one
// opens, and for each example <tradition>-<k>-{original,before,after}.wav and <tradition>-<k>-pictures.png.
// Folders 0750, files 0640. A round evaluated again replaces its files. Not thread-safe.
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
  // Writes the sounds, their picture, and the page anew. `number`: from 1 within the tradition. Errors: as
  // StatusOfErrno; those of DrawSpectrograms and PngBytes, when the sounds are written already.
  absl::Status Write(absl::string_view tradition, int number, const Example& example, int sample_rate_hz);

 private:
  ListeningFolder(std::string folder, absl::string_view job_name, int round)
      : folder_(std::move(folder)), job_name_(job_name), round_(round) {}

  std::string folder_;
  std::string job_name_;
  int round_;
  std::vector<ListeningExample> examples_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_LISTENING_FOLDER_H_
