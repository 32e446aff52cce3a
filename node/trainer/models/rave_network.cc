#include "node/trainer/models/rave_network.h"

#include <ATen/ATen.h>

#include <numeric>
#include <utility>

namespace consort::trainer {
namespace {

constexpr double kSlope = 0.2;  // of the leaky rectifier below zero
constexpr double kSmallestDeviation = 1e-4;

at::Tensor Activate(const at::Tensor& x) { return at::leaky_relu(x, kSlope); }

// In the memory of `x`, which nobody else may need: one tensor less for each rectifier that a training step
// keeps for its backward pass.
at::Tensor ActivateInPlace(at::Tensor x) { return at::leaky_relu_(x, kSlope); }

// A convolution whose output is as long as its input (divided by the stride); left gets the smaller half.
at::Tensor SameConv(const at::Tensor& x, const AdaptedWeight& weight, int64_t stride = 1,
                    int64_t dilation = 1) {
  const int64_t taps = weight.merged().size(2), reach = (taps - 1) * dilation + 1;
  const int64_t left = (reach - 1) / 2, right = reach / 2;
  if (stride == 1 && taps % 2 == 1) return weight.Conv1d(x, 1, left, dilation);
  return weight.Conv1d(at::constant_pad_nd(x, {left, right}), stride, /*padding=*/0, dilation);
}

// Takes the weights one after the other.
class Cursor {
 public:
  Cursor(absl::Span<const AdaptedWeight> weights, size_t begin) : weights_(weights), next_(begin) {}
  const AdaptedWeight& Next() { return weights_[next_++]; }

 private:
  absl::Span<const AdaptedWeight> weights_;
  size_t next_;
};

at::Tensor Residuals(at::Tensor x, const std::vector<int64_t>& dilations, Cursor& weights) {
  for (int64_t dilation : dilations) {
    const AdaptedWeight& dilated = weights.Next();
    const AdaptedWeight& pointwise = weights.Next();
    x = x + SameConv(ActivateInPlace(SameConv(Activate(x), dilated, 1, dilation)), pointwise);
  }
  return x;
}

// [taps, bins]: the impulse response of each bin of a magnitude spectrum, last tap first. A zero-phase
// response is a constant linear map of the magnitudes, so window, centring and crop are folded in.
at::Tensor ReversedResponses(int64_t bins, int64_t taps) {
  const int64_t length = 2 * (bins - 1);
  const at::Tensor responses = at::roll(at::fft_irfft(at::eye(bins), length), length / 2, 1);
  const at::Tensor cropped = (responses * at::hann_window(length)).narrow(1, (length - taps) / 2, taps);
  return cropped.flip(1).t().contiguous();
}

int64_t Product(const std::vector<int64_t>& factors) {
  return std::accumulate(factors.begin(), factors.end(), int64_t{1}, std::multiplies<>());
}

}  // namespace

RaveNetwork::RaveNetwork(RaveShape shape) : shape_(std::move(shape)), layout_(LayOutRave(shape_)) {}

at::Tensor RaveNetwork::Encode(absl::Span<const AdaptedWeight> weights, const at::Tensor& bands) const {
  Cursor cursor(weights, 0);
  at::Tensor x = SameConv(bands, cursor.Next());
  for (size_t i = 0; i < shape_.ratios.size(); ++i) {
    x = ActivateInPlace(Residuals(x, shape_.dilations[i], cursor));
    x = SameConv(x, cursor.Next(), shape_.ratios[i]);
  }
  return SameConv(ActivateInPlace(x), cursor.Next());
}

at::Tensor RaveNetwork::Means(const at::Tensor& posterior) const {
  return posterior.narrow(1, 0, shape_.latent);
}

at::Tensor RaveNetwork::Deviations(const at::Tensor& posterior) const {
  return at::softplus(posterior.narrow(1, shape_.latent, shape_.latent)) + kSmallestDeviation;
}

at::Tensor RaveNetwork::Decode(absl::Span<const AdaptedWeight> weights, const at::Tensor& latents,
                               const at::Tensor& excitation) const {
  Cursor cursor(weights, layout_.generator_begin);
  at::Tensor x = ActivateInPlace(SameConv(latents, cursor.Next()));
  for (size_t i = shape_.ratios.size(); i-- > 0;) {
    const int64_t ratio = shape_.ratios[i];
    x = cursor.Next().ConvTranspose1d(x, ratio, /*padding=*/ratio / 2);
    x = ActivateInPlace(Residuals(x, shape_.dilations[i], cursor));
  }
  const at::Tensor wave = SameConv(x, cursor.Next());
  const at::Tensor tone = wave.narrow(1, 0, shape_.bands);
  const at::Tensor gate = wave.narrow(1, shape_.bands, shape_.bands);
  const at::Tensor sound = tone * at::sigmoid(gate);
  if (shape_.noise_ratios.empty()) return at::tanh(sound);
  return at::tanh(sound + FilteredNoise(weights, x, excitation));
}

int64_t RaveNetwork::NoiseTaps() const { return Product(shape_.noise_ratios); }

// Each band's noise has its own filter for every NoiseTaps() band frames: a magnitude spectrum turned into an
// impulse response of 2 * (bins - 1) taps, centred and Hann-windowed. With these ratios the response is
// longer than the stretch it serves, a case that the paper leaves open: here it is cropped symmetrically
// around its centre to NoiseTaps() taps, and the excitation runs on across stretches, so that filters change
// without gaps.
at::Tensor RaveNetwork::FilteredNoise(absl::Span<const AdaptedWeight> weights, const at::Tensor& features,
                                      const at::Tensor& excitation) const {
  Cursor cursor(weights, layout_.noise_begin);
  at::Tensor x = features;
  for (size_t i = 0; i < shape_.noise_ratios.size(); ++i) {
    const int64_t ratio = shape_.noise_ratios[i];
    if (i > 0) x = ActivateInPlace(x);
    x = cursor.Next().Conv1d(at::constant_pad_nd(x, {ratio, 0}), ratio, /*padding=*/0, /*dilation=*/1);
  }
  const int64_t batch = x.size(0), stretches = x.size(2), taps = NoiseTaps();
  x = x.reshape({batch, shape_.bands, shape_.noise_spectrum, stretches});
  // 2 * sigmoid(x - 5)^2.3 + 1e-7, written with an exponential in place of the power.
  const at::Tensor amplitude =
      2 * at::exp(-2.3 * at::softplus(5 - x)) + 1e-7;  // [batch, bands, bins, stretches]
  const at::Tensor filters = at::matmul(ReversedResponses(shape_.noise_spectrum, taps), amplitude);

  // heard[.., t, i, s]: what tap i of stretch s hears at its sample t.
  const at::Tensor heard = excitation
                               .unfold(2, 2 * taps - 1, taps)  // [batch, bands, stretches, samples heard]
                               .transpose(2, 3)
                               .contiguous()
                               .unfold(2, taps, 1)
                               .permute({0, 1, 2, 4, 3});
  const at::Tensor noise = (filters.unsqueeze(2) * heard).sum(3);  // [batch, bands, taps, stretches]
  return noise.transpose(2, 3).reshape({batch, shape_.bands, stretches * taps});
}

}  // namespace consort::trainer
