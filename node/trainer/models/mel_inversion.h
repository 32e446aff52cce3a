// Makes audio of a log-mel spectrogram, which has no phase: for listening, not for measuring.
#ifndef CONSORT_NODE_TRAINER_MODELS_MEL_INVERSION_H_
#define CONSORT_NODE_TRAINER_MODELS_MEL_INVERSION_H_

#include <complex>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/descriptors/fourier.h"
#include "node/trainer/descriptors/log_mel.h"

namespace consort::trainer {

// Not thread-safe.
class MelInversion {
 public:
  static constexpr int kBandIterations = 40;
  static constexpr int kPhaseIterations = 32;

  // Errors: InvalidArgument as LogMel.
  static absl::StatusOr<MelInversion> Create(int sample_rate_hz, const LogMelSettings& settings);

  // The power spectrum, |X|^2 [bins], that the mel filters turn into what comes closest to `bands`, [bands]
  // as LogMel gives them, none below 0: kBandIterations of Lee and Seung's multiplicative rule (NIPS 2000)
  // for least squares.
  std::vector<float> PowerOf(absl::Span<const float> bands) const;

  // `log_mel`: [frames, bands]. The phase starts at random from `seed` and is made consistent by
  // kPhaseIterations of Griffin and Lim 1984 (IEEE Trans. ASSP 32(2)). frames * hop samples; the same each
  // time.
  std::vector<float> Audio(absl::Span<const float> log_mel, uint64_t seed);

 private:
  struct Weight {
    int band = 0;
    float value = 0;
  };
  MelInversion(const LogMelSettings& settings, RealFourier fourier, std::vector<std::vector<Weight>> weights);
  std::vector<float> Synthesise(absl::Span<const std::complex<float>> frames);
  void Analyse(absl::Span<const float> audio, int64_t frame);

  LogMelSettings settings_;
  RealFourier fourier_;
  std::vector<std::vector<Weight>> weights_;  // by bin
  float power_scale_ = 0;
  std::vector<float> window_;
  std::vector<float> samples_;                 // [transform]
  std::vector<std::complex<float>> spectrum_;  // [bins]
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_MEL_INVERSION_H_
