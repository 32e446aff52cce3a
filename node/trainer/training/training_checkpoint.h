// Keeps what an interrupted training needs to go on as if nothing had happened, to the last bit.
#ifndef CONSORT_NODE_TRAINER_TRAINING_TRAINING_CHECKPOINT_H_
#define CONSORT_NODE_TRAINER_TRAINING_TRAINING_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/trainer/training/adam.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {

struct TrainingCheckpoint {
  int steps_done = 0;
  double first_loss = 0;
  double last_loss = 0;
  std::vector<float> values;  // of the model's trainable tensors
  Adam::State optimiser;
  uint64_t random = 0;  // of the noise within steps
  WindowSampler::State sampler;
  std::string local;                 // Model::SaveLocal
  std::vector<double> gradient_sum;  // as in TrainingOutcome; empty where it is not asked for
  int64_t gradient_steps = 0;
};

// One file in the trainer's private folder, replaced as a whole. Not thread-safe.
class CheckpointFile {
 public:
  // `key` names one training: what it starts from, its terms, its recordings. A file of another one is
  // ignored.
  CheckpointFile(std::string path, std::string key) : path_(std::move(path)), key_(std::move(key)) {}

  // Nothing if there is no file, or it is of another training, is damaged, or does not fit `values`,
  // `recordings` and the length of the gradients' sum: the training then starts from its beginning.
  std::optional<TrainingCheckpoint> Read(size_t values, size_t recordings, size_t gradients = 0) const;
  // Durable when it returns. Errors: as StatusOfErrno.
  absl::Status Write(const TrainingCheckpoint& checkpoint) const;
  void Remove() const;

 private:
  std::string path_;
  std::string key_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_TRAINING_CHECKPOINT_H_
