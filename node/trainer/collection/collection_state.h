// What the trainer remembers of a collection between runs: random ids, the split, and what it found in each
// file.
#ifndef CONSORT_NODE_TRAINER_COLLECTION_COLLECTION_STATE_H_
#define CONSORT_NODE_TRAINER_COLLECTION_COLLECTION_STATE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/trainer/audio/survey.h"
#include "node/trainer/collection/split.h"

namespace consort::trainer {

// Kept for ever, also when the recording is gone: an id is never used twice and the split never changes.
struct KnownRecording {
  std::string id;         // 32 random hex digits
  std::string tradition;  // published name, as last seen
  Split split = Split::kTraining;
};

// One file as it was when it was surveyed; surveyed again if size or time differ.
struct KnownFile {
  uint64_t bytes = 0;
  int64_t modified_ns = 0;
  std::string problem;     // code of RecordingProblem; empty: usable
  std::string problem_id;  // random id of a file that cannot be used
  RecordingFacts facts;    // of a usable one
};

// Stored as `recordings.json` in the trainer's private folder. A value.
struct CollectionState {
  std::map<std::string, KnownRecording> recordings;  // by audio digest
  std::map<std::string, KnownFile> files;            // by SHA-256 of the path below the recordings folder

  // An absent file is an empty state. Errors: DataLoss if it cannot be understood: then ids and split would
  // be lost, so nothing is made anew; as StatusOfErrno.
  static absl::StatusOr<CollectionState> Load(const std::string& path);
  // Writes whole or not at all, synced. Errors: as WriteFileDurably.
  absl::Status Save(const std::string& path) const;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_COLLECTION_COLLECTION_STATE_H_
