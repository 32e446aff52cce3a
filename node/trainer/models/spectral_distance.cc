#include "node/trainer/models/spectral_distance.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

constexpr int64_t kScales[] = {2048, 1024, 512, 256, 128};
constexpr int64_t kPadding = kScales[0] / 2;  // to either side: half the widest window
constexpr int64_t kOverlap = 4;               // windows that cover a sample
constexpr float kFloor = 1e-7f;               // inside the logarithm
constexpr double kSmallestPower = 1e-12;      // keeps a silent target from dividing by zero
constexpr int64_t kBlockSamples = 1 << 16;    // a block of signals: small, so that caches help

// The centred STFT of signals that were padded by kPadding, and its adjoint.
class Stft {
 public:
  Stft(int64_t window, int64_t samples)
      : window_(window),
        hop_(window / kOverlap),
        frames_(samples / hop_ + 1),
        hann_(at::hann_window(window)),
        half_hann_(hann_ / 2) {}

  int64_t frames() const { return frames_; }
  int64_t bins() const { return window_ / 2 + 1; }

  // [rows, padded samples] -> complex [rows, frames, bins].
  at::Tensor Spectra(const at::Tensor& padded) const {
    return at::fft_rfft(Covered(padded).unfold(1, window_, hop_) * hann_);
  }

  // Turns a gradient with respect to what Spectra returned, which it spends, into one with respect to its
  // argument, and adds that to `padded`.
  void AddAdjoint(const at::Tensor& spectra, const at::Tensor& padded) const {
    // The inverse transform counts each bin twice, for the half of the spectrum that is left out: all but the
    // two ends.
    spectra.select(2, 0).mul_(2);
    spectra.select(2, window_ / 2).mul_(2);
    const at::Tensor pieces = at::fft_irfft(spectra, window_, 2, /*norm=*/"forward").mul_(half_hann_);
    const at::Tensor hops = Covered(padded).unfold(1, hop_, hop_);
    for (int64_t part = 0; part < kOverlap; ++part) {
      hops.narrow(1, part, frames_).add_(pieces.narrow(2, part * hop_, hop_));
    }
  }

 private:
  at::Tensor Covered(const at::Tensor& padded) const {
    return padded.narrow(1, kPadding - window_ / 2, (frames_ - 1 + kOverlap) * hop_);
  }

  int64_t window_;
  int64_t hop_;
  int64_t frames_;
  at::Tensor hann_;
  at::Tensor half_hann_;
};

// Writes the magnitudes of complex values into `magnitudes`. (at::abs would not do, see Sum.)
void WriteMagnitudes(const at::Tensor& spectra, at::Tensor magnitudes) {
  const float* value = reinterpret_cast<const float*>(spectra.data_ptr<c10::complex<float>>());
  float* square = magnitudes.data_ptr<float>();
  for (int64_t i = 0; i < spectra.numel(); ++i) {
    square[i] = value[2 * i] * value[2 * i] + value[2 * i + 1] * value[2 * i + 1];
  }
  magnitudes.sqrt_();
}

// What one scale needs to know of all signals before the first one is compared.
struct Scale {
  Stft stft;
  at::Tensor target;            // magnitudes [signals, frames, bins]
  std::vector<double> powers;   // of each block of `target`
  double square_weight = 0;     // of a squared difference of magnitudes
  double logarithm_weight = 0;  // of a logarithm
};

// Adds up value(i), frame by frame: a frame is short enough for single precision. (at::sum would not do: its
// bits depend on the number of threads.)
template <class Value>
double Sum(int64_t count, int64_t bins, const Value& value) {
  double total = 0;
  for (int64_t frame = 0; frame < count; frame += bins) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = frame; i < frame + bins; ++i) sum += value(i);
    total += sum;
  }
  return total;
}

// Returns the distance that `spectra`, [rows, frames, bins], has from `target`'s magnitudes at one scale.
// Where `differentiate`, the spectra become its gradient. Plain loops before and after the logarithm: a chain
// of tensor operations would go through memory once for each.
double Compare(const Scale& scale, const at::Tensor& target, const at::Tensor& spectra, bool differentiate) {
  const int64_t count = target.numel(), bins = scale.stft.bins();
  const at::Tensor magnitudes = at::empty({count}), log_ratios = at::empty({count});
  WriteMagnitudes(spectra, magnitudes);
  const float* x = target.data_ptr<float>();
  const float* y = magnitudes.data_ptr<float>();
  float* log_ratio = log_ratios.data_ptr<float>();
  for (int64_t i = 0; i < count; ++i) log_ratio[i] = (x[i] + kFloor) / (y[i] + kFloor);
  log_ratios.log_();
  const double squares = Sum(count, bins, [x, y](int64_t i) { return (x[i] - y[i]) * (x[i] - y[i]); });
  const double logarithms = Sum(count, bins, [log_ratio](int64_t i) { return std::abs(log_ratio[i]); });
  if (differentiate) {
    const float square_slope = static_cast<float>(2 * scale.square_weight);
    const float logarithm_slope = static_cast<float>(scale.logarithm_weight);
    float* value = reinterpret_cast<float*>(spectra.data_ptr<c10::complex<float>>());
#pragma omp simd
    for (int64_t i = 0; i < count; ++i) {
      const float sign = log_ratio[i] > 0 ? 1.0f : log_ratio[i] < 0 ? -1.0f : 0.0f;
      const float slope = square_slope * (y[i] - x[i]) - logarithm_slope * sign / (y[i] + kFloor);
      const float factor = y[i] > 0 ? slope / y[i] : 0.0f;  // a magnitude has no direction at zero
      value[2 * i] *= factor;
      value[2 * i + 1] *= factor;
    }
  }
  return scale.square_weight * squares + scale.logarithm_weight * logarithms;
}

// Calls work(block, first signal, signals) for blocks that cover all signals, on as many threads as there are
// for computing. The blocks, and so the results, are the same for any number of threads.
template <class Work>
void ForEachBlock(int64_t signals, int64_t rows, const Work& work) {
  at::parallel_for(0, (signals + rows - 1) / rows, /*grain_size=*/1, [&](int64_t begin, int64_t end) {
    const at::NoGradGuard no_grad;  // each thread has a switch of its own
    for (int64_t block = begin; block < end; ++block) {
      work(block, block * rows, std::min(rows, signals - block * rows));
    }
  });
}

at::Tensor Padded(const at::Tensor& signals) { return at::reflection_pad1d(signals, {kPadding, kPadding}); }

}  // namespace

double SpectralDistance(const at::Tensor& target, const at::Tensor& output, double valid,
                        at::Tensor* gradient) {
  const at::NoGradGuard no_grad;
  const int64_t signals = target.size(0), samples = target.size(1);
  const int64_t rows = std::max<int64_t>(1, kBlockSamples / samples), blocks = (signals + rows - 1) / rows;
  std::vector<Scale> scales;
  for (int64_t window : kScales) {
    const Stft stft(window, samples);
    scales.push_back({stft, at::empty({signals, stft.frames(), stft.bins()}), std::vector<double>(blocks)});
  }
  ForEachBlock(signals, rows, [&](int64_t block, int64_t first, int64_t count) {
    const at::Tensor padded = Padded(target.narrow(0, first, count));
    for (Scale& scale : scales) {
      const at::Tensor x = scale.target.narrow(0, first, count);
      WriteMagnitudes(scale.stft.Spectra(padded), x);
      const float* values = x.data_ptr<float>();
      scale.powers[block] =
          Sum(x.numel(), scale.stft.bins(), [values](int64_t i) { return values[i] * values[i]; });
    }
  });
  for (Scale& scale : scales) {
    const double values = static_cast<double>(scale.target.numel());
    const double power = std::accumulate(scale.powers.begin(), scale.powers.end(), 0.0);
    scale.square_weight = 1 / std::max(power, kSmallestPower * values);
    scale.logarithm_weight = 1 / (values * valid);
  }
  if (gradient != nullptr) *gradient = at::empty(output.sizes());
  std::vector<double> distances(blocks);
  ForEachBlock(signals, rows, [&](int64_t block, int64_t first, int64_t count) {
    const at::Tensor part = output.narrow(0, first, count);
    const at::Tensor padded = Padded(part), slope = at::zeros_like(padded);
    for (const Scale& scale : scales) {
      const at::Tensor spectra = scale.stft.Spectra(padded);
      distances[block] += Compare(scale, scale.target.narrow(0, first, count), spectra, gradient != nullptr);
      if (gradient != nullptr) scale.stft.AddAdjoint(spectra, slope);
    }
    if (gradient == nullptr) return;
    at::Tensor into = gradient->narrow(0, first, count);
    at::reflection_pad1d_backward_out(into, slope, part, {kPadding, kPadding});
  });
  return std::accumulate(distances.begin(), distances.end(), 0.0);
}

absl::StatusOr<double> SpectralDistance(absl::Span<const float> target, absl::Span<const float> output) {
  if (target.empty() || target.size() != output.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("signals to compare must have one length above zero: target has ", target.size(),
                     " samples, output ", output.size()));
  }
  try {
    const int64_t samples = static_cast<int64_t>(target.size());
    at::Tensor pair = at::zeros({2, std::max<int64_t>(samples, kScales[0])});
    std::copy(target.begin(), target.end(), pair[0].data_ptr<float>());
    std::copy(output.begin(), output.end(), pair[1].data_ptr<float>());
    return SpectralDistance(pair.narrow(0, 0, 1), pair.narrow(0, 1, 1), /*valid=*/1, nullptr);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("spectral distance failed: ", error.what()));
  }
}

}  // namespace consort::trainer
