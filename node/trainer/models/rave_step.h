// The losses of RAVE's training (Caillon and Esling 2021, arXiv 2111.05011).
#ifndef CONSORT_NODE_TRAINER_MODELS_RAVE_STEP_H_
#define CONSORT_NODE_TRAINER_MODELS_RAVE_STEP_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/models/adapted_weight.h"
#include "node/trainer/models/architecture.h"
#include "node/trainer/models/discriminators.h"
#include "node/trainer/models/pqmf.h"
#include "node/trainer/models/rave.h"
#include "node/trainer/models/rave_network.h"

namespace at {
class Tensor;
struct Generator;
}  // namespace at

namespace consort::trainer {

// Draws uniform noise in (-1, 1), [rows, bands, frames + taps - 1], for RaveNetwork::Decode; an undefined
// tensor if the network has no noise module. `generator`: of LibTorch, advanced.
at::Tensor DrawExcitation(const RaveNetwork& network, int64_t rows, int64_t frames, at::Generator& generator);

// Computes the losses of training steps. Not thread-safe. Calls throw c10::Error: callers in this folder
// catch.
class RaveStep {
 public:
  // The network and the filter bank are borrowed.
  RaveStep(const RaveSize& size, const RaveNetwork& network, const Pqmf& pqmf);

  // Phase 1: the distance on the full band and on the bands, each band a signal of its own, plus kl_weight *
  // KL, KL without the factor 1/2. Returns the loss and adds its gradients to those of `weights`, unless it
  // is not finite.
  double Run(absl::Span<const AdaptedWeight> weights, const Batch& batch, const StepTerms& terms) const;

  // Phase 2, the generator's turn: the same and the discriminators' judgement. The encoder is held: it has no
  // gradient.
  double RunAgainst(const Discriminators& discriminators, absl::Span<const AdaptedWeight> weights,
                    const Batch& batch, const StepTerms& terms) const;
  // Phase 2, the discriminators' turn. Returns and fails as Discriminators::Train.
  absl::StatusOr<double> Teach(Discriminators& discriminators, absl::Span<const AdaptedWeight> weights,
                               const Batch& batch, const StepTerms& terms) const;

 private:
  struct Heard;
  struct Said;
  Heard Listen(const Batch& batch) const;
  Said Say(absl::Span<const AdaptedWeight> weights, const Heard& heard, uint64_t seed,
           bool encoder_learns) const;
  double Distance(const Heard& heard, const Said& said, at::Tensor* audio_gradient,
                  at::Tensor* bands_gradient) const;
  double Finish(const Said& said, double loss, const StepTerms& terms, const at::Tensor& audio_gradient,
                const at::Tensor& bands_gradient) const;
  double BandsDistance(const Heard& heard, const at::Tensor& bands, at::Tensor* gradient) const;

  const RaveSize& size_;
  const RaveNetwork& network_;
  const Pqmf& pqmf_;
  ReceptiveField field_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_RAVE_STEP_H_
