// `rave-tiny`: the small RAVE-style audio VAE (Caillon and Esling 2021, arXiv 2111.05011) for machines
// without a GPU.
#ifndef CONSORT_NODE_TRAINER_MODELS_RAVE_TINY_H_
#define CONSORT_NODE_TRAINER_MODELS_RAVE_TINY_H_

#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// 44.1 kHz mono, 16 bands, capacity 16, 16 latents every 512 samples; 937,216 values, all of them trainable.
const Architecture& RaveTiny();

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_RAVE_TINY_H_
