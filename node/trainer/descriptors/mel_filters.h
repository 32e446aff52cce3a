// Bands as wide as hearing makes them: triangles on the mel scale.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_MEL_FILTERS_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_MEL_FILTERS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

// The mel scale of Slaney's Auditory Toolbox (Interval Research report 1998-010): linear below 1 kHz with 3
// mels per 200 Hz, above it logarithmic with 27 mels per factor of 6.4. (O'Shaughnessy's, which HTK uses, is
// another.)
double MelOfHertz(double hertz);
double HertzOfMel(double mel);

struct MelRange {
  int bands = 64;
  double low_hz = 30;
  double high_hz = 0;  // 0: half the sample rate, at most 16 kHz
};

// Triangles of height 1 whose corners are evenly spaced in mel, each reaching from the centre of the band
// below to that of the band above: between the outer centres the weights of a frequency add up to 1, so that
// a band holds the power that falls into it. Where a triangle is narrower than the spectrum's bins it reaches
// one bin to either side, so that no band is always empty. Immutable after Create; thread-safe.
class MelFilters {
 public:
  // For power spectra of `transform` samples at `sample_rate_hz`. Errors: InvalidArgument for no band, a
  // transform below 2, or edges that do not satisfy 0 <= low < high <= sample_rate_hz / 2.
  static absl::StatusOr<MelFilters> Create(int sample_rate_hz, int transform, const MelRange& range);

  int bands() const { return static_cast<int>(filters_.size()); }
  // The weighted sums of `power`, [transform / 2 + 1], into `out`, [bands].
  void Apply(absl::Span<const float> power, absl::Span<float> out) const;

 private:
  struct Filter {
    int first_bin = 0;
    std::vector<float> weights;
  };
  explicit MelFilters(std::vector<Filter> filters);
  std::vector<Filter> filters_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_MEL_FILTERS_H_
