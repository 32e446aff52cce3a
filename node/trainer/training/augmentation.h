// Changes windows a little before they are learnt from, so that a small collection goes further.
#ifndef CONSORT_NODE_TRAINER_TRAINING_AUGMENTATION_H_
#define CONSORT_NODE_TRAINER_TRAINING_AUGMENTATION_H_

#include <cstdint>

#include "node/trainer/models/architecture.h"
#include "node/trainer/training/fit_terms.h"

namespace consort::trainer {

// Applies what `terms` asks for to each row of a batch, in this order, each by chance of its own:
//   resample       speed by 0.97 to 1.03, cubic interpolation; a faster row becomes shorter, the rest is
//   padding gain           -6 to +3 dB all_pass       with chance 0.8 a second-order all-pass with poles at
//   radius 0.99 and a frequency of 20 to
//                  2000 Hz, evenly by its logarithm: other phases, the same spectrum
//   mute           with chance 0.1 a stretch of up to a quarter of the row is silent
//   noise_floor    Gaussian noise of -80 to -60 dB of full scale
//   dequantise     adds an even draw from one step of 16 bits
// (the recipe of RAVE, arXiv 2111.05011, where it has them). Padding stays zero. The same batch, terms and
// seed give the same bits. `sample_rate_hz` > 0.
void Augment(Batch& batch, const AugmentationTerms& terms, int sample_rate_hz, uint64_t seed);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_AUGMENTATION_H_
