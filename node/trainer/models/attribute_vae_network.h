// The network and the loss of attribute-vae: patches of log-mel spectrogram in, patches out.
#ifndef CONSORT_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_NETWORK_H_
#define CONSORT_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_NETWORK_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "common/architectures/attribute_vae_layout.h"
#include "node/trainer/models/architecture.h"
#include "node/trainer/models/patch_attributes.h"

namespace at {
class Tensor;
}

namespace consort::trainer {

// Four convolutions of 4 x 4 with stride 2 (32, 64, 128, 128 channels), a linear layer to 32 means and 32 raw
// scales, and the mirror image. No biases, so that adapters fit every weight: a channel of ones beside the
// patch and beside the latents stands for them. Between layers max(x, 0.2 x). 1,052,160 values. Calls throw
// c10::Error.
class AttributeVaeNetwork {
 public:
  static constexpr int64_t kFrames = 64;  // of a patch
  static constexpr int64_t kBands = 64;
  static constexpr int64_t kLatents = AttributeVaeShape::kLatents;

  AttributeVaeNetwork();
  const std::vector<NamedTensor>& layout() const { return layout_; }

  // `patches`: [patches, 1, kFrames, kBands]. Mean and sigma, each [patches, kLatents]; sigma = softplus(raw)
  // + 1e-4.
  std::vector<at::Tensor> Encode(absl::Span<const at::Tensor> weights, const at::Tensor& patches) const;
  // `latents`: [patches, kLatents].
  at::Tensor Decode(absl::Span<const at::Tensor> weights, const at::Tensor& latents) const;

 private:
  std::vector<NamedTensor> layout_;
};

// The mean over all pairs of patches of |tanh(sharpness * (z_i - z_j)) - sign(a_i - a_j)|, added up over the
// attributes, each with the latent of its number (Pati and Lerch 2021, "Attribute-based regularization of
// latent spaces for variational auto-encoders", Neural Computing and Applications 33). Pairs of which one
// lacks the attribute are left out; an attribute without a pair adds nothing. `latents`: [patches, kLatents].
// Throws c10::Error.
at::Tensor AttributeLoss(const at::Tensor& latents, absl::Span<const PatchAttributes> attributes,
                         double sharpness);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_ATTRIBUTE_VAE_NETWORK_H_
