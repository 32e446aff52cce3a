// A path through latent space for rendering.
#ifndef CONSORT_NODE_TRAINER_TRAINING_LATENT_WALK_H_
#define CONSORT_NODE_TRAINER_TRAINING_LATENT_WALK_H_

#include <cstdint>
#include <vector>

namespace consort::trainer {

// Returns float32 [latent_size, frames]. Each value is distributed as N(0, 1), the posterior's prior, and
// keeps most of the one before, so that the sound has shape and not only texture. The same seed gives the
// same path.
std::vector<float> LatentWalk(int64_t latent_size, int64_t frames, uint64_t seed);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_LATENT_WALK_H_
