// An archive's recordings: what lies in the folder, what of it may be used, and the only way to hear it.
#ifndef CONSORT_NODE_TRAINER_COLLECTION_COLLECTION_H_
#define CONSORT_NODE_TRAINER_COLLECTION_COLLECTION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/trainer/audio/sample_cache.h"
#include "node/trainer/collection/collection_state.h"
#include "node/trainer/collection/recording_policy.h"
#include "node/trainer/collection/split.h"

namespace consort::trainer {

struct CollectionConfig {
  std::string recordings_directory;
  std::string state_directory;                                  // private to the trainer
  std::vector<std::pair<std::string, std::string>> traditions;  // subfolder -> published name
  std::string consent;
  double max_recording_seconds = 0;
  int sample_rate_hz = 0;  // at which recordings are heard
};

// A usable recording. The path stays in this process.
struct Recording {
  std::string id;
  std::string path;
  std::string tradition;
  Split split = Split::kTraining;
  int64_t samples = 0;  // at the collection's rate
  double seconds = 0;
};

struct Problem {
  std::string recording_id;
  std::string code;  // of RecordingProblem
};

// Not thread-safe but for Read, which any thread may call while nobody scans. Errors never name a file.
class Collection {
 public:
  // Reads what is remembered. Does not look at the recordings yet. Errors: as CollectionState::Load.
  static absl::StatusOr<std::unique_ptr<Collection>> Open(const CollectionConfig& config);

  // Looks through the folder and decodes every file that is new or has changed; the same audio twice is one
  // recording. Its first-level subfolder names a recording's tradition; at the top level the folder itself
  // does. Files without an audio extension and hidden files are none. A folder name that is not UTF-8 and not
  // mapped is published as `folder-` and 8 digits. What was learned is stored, also when `stop` ends the scan
  // early; the split is fixed only by a whole scan. Without consent nothing is opened. Errors: Cancelled;
  // NotFound or PermissionDenied for the folder; as CollectionState::Save.
  absl::Status Scan(const std::atomic<bool>& stop);

  // In the order of their audio digests: the same recordings are in the same order everywhere. Empty before
  // Scan.
  const std::vector<Recording>& recordings() const { return recordings_; }
  const std::vector<Problem>& problems() const { return problems_; }
  const RecordingPolicy& policy() const { return policy_; }

  // Reads `samples` samples from `begin` on, mono at the collection's rate. Asks the policy first.
  // Errors: FailedPrecondition "no-consent"; as SampleCache::Read.
  absl::StatusOr<std::vector<float>> Read(const Recording& recording, absl::string_view purpose,
                                          int64_t begin, int64_t samples);

 private:
  struct Found;
  Collection(CollectionConfig config, CollectionState state);
  absl::StatusOr<std::vector<Found>> ListFiles() const;
  absl::Status SurveyFile(const Found& found, const std::atomic<bool>& stop);
  std::string TraditionOf(const std::string& relative_path) const;
  void AssignIdsAndSplits(const std::vector<Found>& files);
  void Publish(const std::vector<Found>& files);

  CollectionConfig config_;
  RecordingPolicy policy_;
  CollectionState state_;
  SampleCache cache_;
  std::vector<Recording> recordings_;
  std::vector<Problem> problems_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_COLLECTION_COLLECTION_H_
