// The `rave` family: an audio VAE that works on 16 bands of the signal (RAVE version 2; Caillon and Esling
// 2021, arXiv 2111.05011), in several sizes.
#ifndef CONSORT_NODE_TRAINER_MODELS_RAVE_H_
#define CONSORT_NODE_TRAINER_MODELS_RAVE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "common/architectures/rave_layout.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// Names are those of a job. All hear 44.1 kHz mono and keep their weights folded.
const Architecture& RaveTiny();     // "rave-tiny": 16 latents every 512 samples; for machines without a GPU
const Architecture& RaveV2Small();  // "rave-v2-small": 128 latents every 512 samples
const Architecture& RaveV2();       // "rave-v2": 128 latents every 2048 samples, no noise module

// What sets one size apart from another.
struct RaveSize {
  std::string name;
  RaveShape shape;
  ModelTerms defaults;
  // Whether the bands' distance leaves out the frames at either end that hear beyond the window: where what
  // is left is long enough for the widest STFT, 1025 band frames, and has audio. `rave-tiny` does not: its
  // windows are usually too short, and its loss would not mean the same for short and long ones.
  bool crops_band_loss = false;
  // Adversarial steps: those of a job that are multiples of this are the discriminators', the others the
  // generator's.
  uint64_t turns = 2;
};

// Makes an architecture of a size that is in no registry, for tests. It must outlive its models.
std::unique_ptr<Architecture> MakeRave(RaveSize size);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_RAVE_H_
