// Where a network that learns by gradients plugs in: an architecture implements these two classes, and
// families/gradient_family.h makes a family of it.
#ifndef CONSORT_NODE_TRAINER_MODELS_ARCHITECTURE_H_
#define CONSORT_NODE_TRAINER_MODELS_ARCHITECTURE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/architectures/named_tensor.h"

namespace consort::trainer {

// Which factor of a low-rank adapter W0 + (alpha / rank) * B * A is trained.
enum class Factor { kA, kB };

// Which values of a model are trained.
struct Adaptation {
  int rank = 0;      // 0: tensors of the model itself; else low-rank adapters of this rank, 1 to 64
  double alpha = 0;  // adapters: W = W0 + (alpha / rank) * B * A
  // Adapters: draws A at the start; B starts at zero.
  uint64_t seed = 0;
  // Adapters: the factor that this round trains; the other is frozen, so that the average of updates is the
  // update of the average (FFA-LoRA, arXiv 2403.12313; alternating: RoLoRA, arXiv 2409.02346).
  Factor trained = Factor::kB;
  // Names of weights that are not trained, with `*` for any run of characters: "encoder.*".
  std::vector<std::string> frozen;
};

// A job's settings of a model that are not sizes. Each family says which it takes.
struct ModelTerms {
  double kl_weight = 0;            // beta of a VAE at the end of its warm-up
  double kl_start = 0;             // at the first step of the job; rises log-linearly
  uint64_t kl_warm_up_steps = 0;   // 0: kl_weight from the first step on
  uint32_t adversarial_round = 0;  // from this round on discriminators take part; 0: never
  double attribute_weight = 0;     // gamma of attribute regularisation
  double attribute_sharpness = 0;  // delta of attribute regularisation
  int components = 0;              // of a mixture, for each tradition
};

// Training windows, row after row. `valid[row]`: samples at the start of a row that are audio; the rest is
// padding and takes no part in the loss.
struct Batch {
  std::vector<float> audio;    // float32 [rows, samples], full scale = 1
  std::vector<int64_t> valid;  // [rows]
  int64_t samples = 0;         // a row's length
};

using Metadata = std::map<std::string, std::string>;

// What one step of training depends on beside the batch.
struct StepTerms {
  uint64_t seed = 0;               // draws the latent and excitation noise
  double kl_weight = 0;            // beta of a VAE at this step
  bool adversarial = false;        // the step is of the adversarial phase
  uint64_t step = 0;               // of the job, from 0: discriminators and generator take turns by it
  double attribute_weight = 0;     // gamma of attribute regularisation
  double attribute_sharpness = 0;  // delta
};

// A model with its trainable values. Deterministic: the same values, inputs, seeds and thread count give the
// same bits. Not thread-safe. Errors of every call: Internal with LibTorch's reason, beside those named.
class Model {
 public:
  virtual ~Model() = default;

  // Trainable tensors in name order, which is the manifest's order.
  virtual const std::vector<NamedTensor>& trainable() const = 0;
  // The values and gradients of trainable() one tensor after the other. The spans live as long as the model.
  virtual absl::Span<float> values() = 0;
  virtual absl::Span<const float> gradients() const = 0;

  // Computes the training loss of a batch and its gradients (gradients() holds them afterwards).
  // Errors: InvalidArgument for a wrong shape; OutOfRange "not-finite: ..." naming the tensor if the loss or
  // a gradient is NaN or infinite.
  virtual absl::StatusOr<double> LossAndGradients(const Batch& batch, const StepTerms& step) = 0;
  // Whether such a step trains values(). Where not, as in the discriminators' turn, gradients() are zero
  // afterwards and the loss is another one: the optimiser must rest, since its momentum would move the
  // values.
  virtual bool TrainsValues(const StepTerms&) const { return true; }

  // Latent means, float32 [latent_size, frames], without chance. Any length >= 1; frames are rounded up.
  virtual absl::StatusOr<std::vector<float>> Encode(absl::Span<const float> audio) = 0;

  // The same, drawn from the posterior. Errors: Unimplemented "not-offered: ..." for models without one.
  virtual absl::StatusOr<std::vector<float>> EncodeSampled(absl::Span<const float>, uint64_t /*seed*/) {
    return absl::UnimplementedError("not-offered: this model's latents are not drawn from a distribution");
  }

  // Encodes and decodes without chance: posterior means and one fixed noise. Any length >= 1; the result is
  // as long.
  virtual absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) = 0;
  // Decodes latents, float32 [latent_size, frames], into frames * hop samples.
  // Errors: InvalidArgument if the length is no multiple of latent_size.
  virtual absl::StatusOr<std::vector<float>> Decode(absl::Span<const float> latents, uint64_t seed) = 0;

  // The state that a job aggregates: trainable tensors, and A where there are adapters. Safetensors.
  virtual absl::StatusOr<std::string> SaveState(const Metadata& metadata) const = 0;
  // The whole model with adapters merged in. Safetensors.
  virtual absl::StatusOr<std::string> SaveMerged(const Metadata& metadata) const = 0;

  // What the model keeps at the archive between rounds and never sends, such as discriminators with their
  // optimiser; empty if nothing. LoadLocal of empty bytes starts afresh.
  // Errors: InvalidArgument "artifact-damaged: ..." for what SaveLocal of such a model did not give.
  virtual absl::StatusOr<std::string> SaveLocal() const { return std::string(); }
  virtual absl::Status LoadLocal(absl::string_view) { return absl::OkStatus(); }
};

struct ArchitectureFacts {
  std::string name;  // as in JobSpec.architecture
  int sample_rate_hz = 0;
  int64_t hop = 0;  // samples a latent frame
  int64_t latent_size = 0;
  int64_t min_window = 0;   // fewest samples of a training window
  bool makes_audio = true;  // reconstructs and generates
  bool classifies = false;
  ModelTerms defaults;  // in place of what a job leaves at 0
};

// Makes models. Immutable, thread-safe, lives as long as the program.
class Architecture {
 public:
  virtual ~Architecture() = default;
  virtual const ArchitectureFacts& facts() const = 0;

  // Loads a model. `base`: safetensors of the whole model. `state`: what SaveState gave, or empty for the
  // state a job starts from (the base itself; adapters with B = 0). Errors: InvalidArgument
  // "artifact-damaged: ..." or "wrong-architecture: ..."; OutOfRange "not-finite: ...".
  virtual absl::StatusOr<std::unique_ptr<Model>> Load(absl::string_view base, absl::string_view state,
                                                      const Adaptation& adaptation) const = 0;
  // An untrained model.
  virtual absl::StatusOr<std::unique_ptr<Model>> Initialise(uint64_t seed) const = 0;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_ARCHITECTURE_H_
