// What a job asks of one archive in one round.
#ifndef CONSORT_NODE_TRAINER_TRAINING_FIT_TERMS_H_
#define CONSORT_NODE_TRAINER_TRAINING_FIT_TERMS_H_

#include <cstdint>

namespace consort::trainer {

// Which changes windows go through before they are learnt from (augmentation.h).
struct AugmentationTerms {
  bool gain = false;
  bool all_pass = false;
  bool mute = false;
  bool resample = false;
  bool noise_floor = false;
  bool dequantise = false;

  bool any() const { return gain || all_pass || mute || resample || noise_floor || dequantise; }
};

struct FitTerms {
  uint32_t round = 1;          // from 1
  int steps = 0;               // > 0
  int batch_size = 0;          // > 0
  int64_t window_samples = 0;  // a multiple of the family's hop
  double learning_rate =
      0;                   // > 0; at the first step. It falls linearly: at the last of n it is an n-th of it
  double proximal_mu = 0;  // FedProx: adds mu / 2 * |w - w0|^2 to the loss (Li et al. 2020, arXiv 1812.06127)
  uint64_t windows_seed = 0;  // draws windows
  uint64_t steps_seed = 0;    // draws noise within a step
  AugmentationTerms augmentation;
  int sample_rate_hz = 44100;  // of the family
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_FIT_TERMS_H_
