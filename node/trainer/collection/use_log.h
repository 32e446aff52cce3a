// Writes down which recording was used for what: the archive's own answer to "what was my recording used
// for?".
#ifndef CONSORT_NODE_TRAINER_COLLECTION_USE_LOG_H_
#define CONSORT_NODE_TRAINER_COLLECTION_USE_LOG_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace consort::trainer {

struct RecordingUse {
  std::string recording_id;
  uint64_t windows = 0;  // training windows in which it was heard; evaluation: 1
};

// JSON lines, appended to `use.jsonl` in the trainer's private folder. Not thread-safe.
class UseLog {
 public:
  explicit UseLog(std::string path) : path_(std::move(path)) {}

  // Appends one line for each use with `round_id`, `use` ("train", "analyse-latents", "personal", "evaluate" or
  // "yardstick"), recording id and windows, and syncs before it returns. A line that a crash cut short is
  // ended first. Errors: as StatusOfErrno.
  absl::Status Append(absl::string_view round_id, absl::string_view use, absl::Span<const RecordingUse> uses);
  // The same with `use` "chosen" and the reason why a recording was, where not all were: recording id and
  // sentence.
  absl::Status AppendReasons(absl::string_view round_id,
                             absl::Span<const std::pair<std::string, std::string>> reasons);

 private:
  std::string path_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_COLLECTION_USE_LOG_H_
