#include "node/trainer/training/latent_walk.h"

#include <cmath>
#include <numbers>

#include "common/random/seeded_random.h"

namespace consort::trainer {
namespace {

constexpr double kInertia = 0.97;  // correlation of neighbouring frames

// Box and Muller 1958.
double Normal(SeededRandom& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.Uniform());
}

}  // namespace

std::vector<float> LatentWalk(int64_t latent_size, int64_t frames, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<float> latents(latent_size * frames);
  for (int64_t dimension = 0; dimension < latent_size; ++dimension) {
    double value = Normal(random);
    for (int64_t frame = 0; frame < frames; ++frame) {
      latents[dimension * frames + frame] = static_cast<float>(value);
      value = kInertia * value + std::sqrt(1 - kInertia * kInertia) * Normal(random);
    }
  }
  return latents;
}

}  // namespace consort::trainer
