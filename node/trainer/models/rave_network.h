// The network of RAVE version 2 (Caillon and Esling 2021, arXiv 2111.05011) as a list of convolutions and the
// way audio takes through them. No weight normalisation and no bias: weights arrive folded.
#ifndef CONSORT_NODE_TRAINER_MODELS_RAVE_NETWORK_H_
#define CONSORT_NODE_TRAINER_MODELS_RAVE_NETWORK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "node/trainer/models/architecture.h"

namespace at {
class Tensor;
}

namespace consort::trainer {

struct RaveShape {
  int64_t bands = 16;
  int64_t capacity = 16;  // channels after the stem; doubled by each stage
  int64_t latent = 16;
  std::vector<int64_t> ratios = {4, 2, 2, 2};  // strides of the encoder's stages
  std::vector<std::vector<int64_t>> dilations = {{1, 3, 9}, {1, 3, 9}, {1, 3, 9}, {1, 3}};
  int64_t noise_hidden = 64;
  std::vector<int64_t> noise_ratios = {2, 2, 2};
  int64_t noise_spectrum = 32;  // bins of each band's noise filter
};

// Immutable after construction; thread-safe. Calls throw c10::Error: callers in this folder catch.
class RaveNetwork {
 public:
  explicit RaveNetwork(RaveShape shape);

  // The convolution weights in the order that the calls below take them: Conv1d [out, in, k], transposed
  // convolutions [in, out, k]. First those of the encoder, then the generator's, then the noise module's.
  const std::vector<NamedTensor>& weights() const { return weights_; }
  int64_t hop() const { return hop_; }  // samples a latent frame

  // bands [batch, bands, frames] -> [batch, 2 * latent, frames / ratios]: means, then scales before softplus.
  at::Tensor Encode(absl::Span<const at::Tensor> weights, const at::Tensor& bands) const;
  // latents [batch, latent, frames] -> bands in (-1, 1). `excitation`: uniform in (-1, 1),
  // [batch, bands, band frames + NoiseTaps() - 1].
  at::Tensor Decode(absl::Span<const at::Tensor> weights, const at::Tensor& latents,
                    const at::Tensor& excitation) const;
  int64_t NoiseTaps() const;

 private:
  at::Tensor FilteredNoise(absl::Span<const at::Tensor> weights, const at::Tensor& features,
                           const at::Tensor& excitation) const;

  RaveShape shape_;
  int64_t hop_;
  std::vector<NamedTensor> weights_;
  size_t generator_begin_;  // index of the generator's first weight
  size_t noise_begin_;      // index of the noise module's first weight
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_RAVE_NETWORK_H_
