#include "node/trainer/descriptors/short_time_spectrum.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::trainer {

absl::StatusOr<ShortTimeSpectrum> ShortTimeSpectrum::Create(const SpectrumSizes& sizes) {
  ASSIGN_OR_RETURN(RealFourier fourier, RealFourier::Create(sizes.transform));
  if (sizes.window < 2 || sizes.window > sizes.transform || sizes.hop < 1) {
    return absl::InvalidArgumentError(absl::StrCat("a spectrum needs a window of 2 to ", sizes.transform,
                                                   " samples and a hop above 0: window ", sizes.window,
                                                   ", hop ", sizes.hop));
  }
  return ShortTimeSpectrum(sizes, std::move(fourier));
}

ShortTimeSpectrum::ShortTimeSpectrum(const SpectrumSizes& sizes, RealFourier fourier)
    : sizes_(sizes),
      fourier_(std::move(fourier)),
      window_(sizes.transform),
      windowed_(sizes.transform),
      spectrum_(fourier_.bins()),
      power_(fourier_.bins()) {
  const int begin = (sizes.transform - sizes.window) / 2;
  double squares = 0;
  for (int i = 0; i < sizes.window; ++i) {
    const double weight = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / sizes.window);
    window_[begin + i] = static_cast<float>(weight);
    squares += weight * weight;
  }
  power_scale_ = static_cast<float>(2 / (sizes.transform * squares));
}

absl::Span<const float> ShortTimeSpectrum::Power(absl::Span<const float> frame) {
  for (size_t i = 0; i < windowed_.size(); ++i) windowed_[i] = frame[i] * window_[i];
  fourier_.Forward(windowed_, absl::MakeSpan(spectrum_));
  for (size_t k = 0; k < power_.size(); ++k) {
    const float real = spectrum_[k].real(), imaginary = spectrum_[k].imag();
    power_[k] = real * real + imaginary * imaginary;
  }
  return power_;
}

void ShortTimeSpectrum::ForEachFrame(absl::Span<const float> audio,
                                     const std::function<void(int64_t, absl::Span<const float>)>& use) {
  std::vector<float> frame(sizes_.transform);
  const int64_t frames = FrameCount(static_cast<int64_t>(audio.size()));
  for (int64_t i = 0; i < frames; ++i) {
    CutFrame(audio, i * sizes_.hop - sizes_.transform / 2, absl::MakeSpan(frame));
    use(i, Power(frame));
  }
}

void CutFrame(absl::Span<const float> audio, int64_t begin, absl::Span<float> frame) {
  const auto length = static_cast<int64_t>(frame.size());
  const int64_t first = std::clamp<int64_t>(-begin, 0, length);
  const int64_t last = std::clamp<int64_t>(static_cast<int64_t>(audio.size()) - begin, first, length);
  std::fill(frame.begin(), frame.begin() + first, 0.0f);
  std::copy(audio.begin() + (begin + first), audio.begin() + (begin + last), frame.begin() + first);
  std::fill(frame.begin() + last, frame.end(), 0.0f);
}

}  // namespace consort::trainer
