// How far two sounds are apart: the multi-scale STFT distance that trains the model and scores it.
#ifndef CONSORT_NODE_TRAINER_MODELS_SPECTRAL_DISTANCE_H_
#define CONSORT_NODE_TRAINER_MODELS_SPECTRAL_DISTANCE_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace at {
class Tensor;
}

namespace consort::trainer {

// Sum over windows n of 2048, 1024, 512, 256 and 128 samples of
//   mean((X - Y)^2) / mean(X^2) + mean|ln(X + 1e-7) - ln(Y + 1e-7)|
// where X and Y are magnitudes of centred STFTs with a Hann window and hop n / 4 (as in RAVE, arXiv
// 2111.05011; the first term after Arik et al. 2018). `target` and `output`: float32 [signals, samples], more
// than 1024 samples. `valid`: share of the samples that are not padding, in (0, 1]; padding must be zero in
// both. `gradient`: null, or a tensor that becomes the distance's gradient with respect to `output`, float32
// of its shape. Nothing is recorded for automatic differentiation: gradients come at once, so that no
// intermediate is kept. The result depends on no thread count. Throws c10::Error: callers in this
// folder catch.
double SpectralDistance(const at::Tensor& target, const at::Tensor& output, double valid,
                        at::Tensor* gradient);

// The same for one signal. Shorter ones are padded with zeros to 2048 samples.
// Errors: InvalidArgument for different or zero lengths; Internal with LibTorch's reason.
absl::StatusOr<double> SpectralDistance(absl::Span<const float> target, absl::Span<const float> output);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_SPECTRAL_DISTANCE_H_
