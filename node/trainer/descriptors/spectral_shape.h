// How a spectrum is spread: where its middle is, and whether it is a tone or a noise.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_SPECTRAL_SHAPE_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_SPECTRAL_SHAPE_H_

#include "absl/types/span.h"

namespace consort::trainer {

// Both leave out the first and the last bin (no frequency of a sound lies there) and do not depend on the
// sound's level. `power`: |X|^2, [bins], at least 3. NaN for a spectrum without power: it has no shape.

// The mean frequency in Hz, weighted by magnitude; `bin_hz`: the distance of two bins. Brightness (Grey and
// Gordon 1978; weights as in Peeters 2004, section 6.1.1).
float SpectralCentroidHz(absl::Span<const float> power, double bin_hz);

// Ten times the decimal logarithm of the geometric over the arithmetic mean of the power (Johnston 1988,
// section III): 0 dB for a flat spectrum, about -2.5 dB for one frame of white noise, far below for tones. At
// least kLeastFlatnessDb.
inline constexpr float kLeastFlatnessDb = -100;
float SpectralFlatnessDb(absl::Span<const float> power);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_SPECTRAL_SHAPE_H_
