// The way audio takes through the convolutions of RAVE version 2 (Caillon and Esling 2021, arXiv 2111.05011).
// No weight normalisation and no bias: weights arrive folded.
#ifndef CONSORT_NODE_TRAINER_MODELS_RAVE_NETWORK_H_
#define CONSORT_NODE_TRAINER_MODELS_RAVE_NETWORK_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "common/architectures/rave_layout.h"
#include "node/trainer/models/adapted_weight.h"

namespace at {
class Tensor;
}

namespace consort::trainer {

// Immutable after construction; thread-safe. Calls throw c10::Error: callers in this folder catch.
class RaveNetwork {
 public:
  explicit RaveNetwork(RaveShape shape);

  const RaveShape& shape() const { return shape_; }
  // The weights in the order that the calls below take them.
  const std::vector<NamedTensor>& weights() const { return layout_.weights; }
  int64_t hop() const { return layout_.hop; }  // samples a latent frame

  // bands [batch, bands, frames] -> [batch, 2 * latent, frames / ratios]: means, then scales before softplus.
  at::Tensor Encode(absl::Span<const AdaptedWeight> weights, const at::Tensor& bands) const;
  // Of what Encode returned: the posterior's means and standard deviations, [batch, latent, frames] each.
  at::Tensor Means(const at::Tensor& posterior) const;
  at::Tensor Deviations(const at::Tensor& posterior) const;
  // latents [batch, latent, frames] -> bands in (-1, 1). `excitation`: uniform in (-1, 1),
  // [batch, bands, band frames + NoiseTaps() - 1]; not looked at without a noise module.
  at::Tensor Decode(absl::Span<const AdaptedWeight> weights, const at::Tensor& latents,
                    const at::Tensor& excitation) const;
  int64_t NoiseTaps() const;  // 1 without a noise module

 private:
  at::Tensor FilteredNoise(absl::Span<const AdaptedWeight> weights, const at::Tensor& features,
                           const at::Tensor& excitation) const;

  RaveShape shape_;
  RaveLayout layout_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_RAVE_NETWORK_H_
