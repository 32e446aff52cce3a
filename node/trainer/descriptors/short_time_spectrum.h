// Power spectra of short stretches of sound.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_SHORT_TIME_SPECTRUM_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_SHORT_TIME_SPECTRUM_H_

#include <complex>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/descriptors/fourier.h"

namespace consort::trainer {

// Sizes of a spectrogram, in samples.
struct SpectrumSizes {
  int transform = 2048;  // a power of two
  int hop = 512;         // from one frame's centre to the next
  int window = 2048;     // Hann, periodic, in the middle of the transform; at most `transform`
};

// Not thread-safe.
class ShortTimeSpectrum {
 public:
  // Errors: InvalidArgument for a transform that RealFourier refuses, a window outside [2, transform] or a
  // hop below 1.
  static absl::StatusOr<ShortTimeSpectrum> Create(const SpectrumSizes& sizes);

  const SpectrumSizes& sizes() const { return sizes_; }
  int bins() const { return fourier_.bins(); }
  // What turns a sum of |X|^2 over the bins of a sound into its power: 2 / (transform * sum of the squared
  // window).
  float power_scale() const { return power_scale_; }

  // |X|^2 of one windowed frame, float32 [bins], valid until the next call. `frame`: [transform].
  absl::Span<const float> Power(absl::Span<const float> frame);

  // Calls `use` with the power of each frame of `audio`: frame i is centred on sample i * hop, beyond the
  // ends there are zeros, and the last centre is before the end. FrameCount(audio.size()) calls.
  void ForEachFrame(absl::Span<const float> audio,
                    const std::function<void(int64_t frame, absl::Span<const float> power)>& use);
  int64_t FrameCount(int64_t samples) const { return (samples + sizes_.hop - 1) / sizes_.hop; }

 private:
  ShortTimeSpectrum(const SpectrumSizes& sizes, RealFourier fourier);
  SpectrumSizes sizes_;
  RealFourier fourier_;
  float power_scale_ = 0;
  std::vector<float> window_;  // [transform]; zero outside the window
  std::vector<float> windowed_;
  std::vector<std::complex<float>> spectrum_;
  std::vector<float> power_;
};

// Copies audio[begin, begin + frame.size()) into `frame`, with zeros where there is no audio.
void CutFrame(absl::Span<const float> audio, int64_t begin, absl::Span<float> frame);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_SHORT_TIME_SPECTRUM_H_
