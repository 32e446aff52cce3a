// What the trainer can do, without a word of how it is reached: recordings in a folder, models from the
// registry, values out. The service (node/trainer/rpc) is the only caller beside tests and `consort-trainer
// pretrain`.
#ifndef CONSORT_NODE_TRAINER_ENGINE_H_
#define CONSORT_NODE_TRAINER_ENGINE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "consort/v1/trainer.pb.h"
#include "node/trainer/training/fit_terms.h"

namespace consort::trainer {

struct EngineConfig {
  std::string recordings_directory;  // empty at a coordinator: no recordings
  std::string consent;               // must be "declared-by-operator"; anything else refuses every recording
  std::string state_directory;       // private: recording ids, split, use log
  std::string listening_directory;   // WAV files for staff
  std::vector<std::pair<std::string, std::string>> traditions;  // subfolder -> published name
  double max_recording_seconds = 8 * 3600;
  int threads = 0;  // 0: all cores
  // Changes of windows that the custodian allows; a job gets those of them that it asks for.
  AugmentationTerms augmentations = {true, true, true, true, true, true};
};

// One call at a time; Stop may be set from any thread and is looked at once a step.
// Errors carry a code first in the message, as common/trainer_client/trainer.h lists them.
class Engine {
 public:
  using Stop = std::atomic<bool>;
  using Progress = std::function<void(const v1::TrainProgress&)>;
  using TakeValues = std::function<absl::Status(absl::Span<const float>)>;

  // Opens the private state. Recordings are scanned by Scan, after the process has restricted itself.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const EngineConfig& config);
  virtual ~Engine() = default;

  // Decodes every file once (digest of the decoded audio -> random id, split by recording), remembers what it
  // knew.
  virtual absl::Status Scan(const Stop& stop) = 0;
  virtual v1::DescribeResponse Describe() const = 0;

  struct Prepared {
    std::vector<std::string> manifests;  // they take turns by round
    std::string state;                   // safetensors
    std::string last_manifest = {};      // of the job's last round, if that has one of its own; else empty
  };
  // `base`: safetensors of the base model.
  virtual absl::StatusOr<Prepared> Prepare(const v1::JobSpec& spec, absl::string_view base) = 0;
  virtual absl::StatusOr<v1::PlanResponse> Plan(const v1::JobSpec& spec) = 0;
  // `state` empty: the base is the state. Values: deltas, then statistics, in manifest order.
  virtual absl::StatusOr<v1::TrainResult> Train(const v1::JobSpec& spec, const v1::TrainHeader& header,
                                                absl::string_view base, absl::string_view state,
                                                const Progress& progress, const TakeValues& values,
                                                const Stop& stop) = 0;
  virtual absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::JobSpec& spec,
                                                      const v1::EvaluateHeader& header,
                                                      absl::string_view base, absl::string_view before,
                                                      absl::string_view after, const Progress& progress,
                                                      const Stop& stop) = 0;
  // A WAV (16 bit, mono) decoded from random latents.
  virtual absl::StatusOr<std::string> Render(const v1::JobSpec& spec, const v1::RenderHeader& header,
                                             absl::string_view base, absl::string_view state,
                                             const Stop& stop) = 0;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_H_
