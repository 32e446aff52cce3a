// The fundamental frequency of a melody, by YIN (de Cheveigne and Kawahara 2002, JASA 111(4)).
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_PITCH_TRACKER_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_PITCH_TRACKER_H_

#include <complex>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/descriptors/fourier.h"

namespace consort::trainer {

// From below a cello's open D to above the highest notes of flutes and bells that carry a melody.
inline constexpr double kLowestPitchHz = 60;
inline constexpr double kHighestPitchHz = 3000;

struct Pitch {
  double hertz = 0;  // the best period found, voiced or not; 0 where there is no sound
  double aperiodicity =
      1;                // the normalised difference at that period: 0 for a periodic sound, about 1 for noise
  bool voiced = false;  // aperiodicity below 0.2 and louder than -70 dB (root mean square, full scale = 0 dB)
};

// Follows one voice; of a chord it finds the common period if there is one. Not thread-safe.
class PitchTracker {
 public:
  // Frames of `frame` samples, a power of two at least 2.5 times the longest period. The highest frequency
  // found is kHighestPitchHz, but at most a quarter of the sample rate. Errors: InvalidArgument.
  static absl::StatusOr<PitchTracker> Create(int sample_rate_hz, int frame);

  // Steps 2 to 5 of the paper: difference function over frame minus longest period samples, cumulative mean
  // normalisation, the first dip below 0.1 (else the deepest), parabolic interpolation of the difference.
  // `audio`: [frame], finite.
  Pitch Estimate(absl::Span<const float> audio);

 private:
  PitchTracker(int sample_rate_hz, int longest_lag, RealFourier fourier);
  void ComputeDifference(absl::Span<const float> audio);

  int sample_rate_hz_;
  int shortest_lag_;
  int longest_lag_;
  int window_;  // samples compared at each lag
  RealFourier fourier_;
  std::vector<float> centred_, head_, correlation_;
  std::vector<std::complex<float>> spectrum_, head_spectrum_;
  double mean_square_ = 0;          // of the frame last looked at
  std::vector<double> difference_;  // [longest lag + 2], by lag
  std::vector<double> normalised_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_PITCH_TRACKER_H_
