#include "node/trainer/training/augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "absl/types/span.h"
#include "common/random/seeded_random.h"

namespace consort::trainer {
namespace {

constexpr double kLeastSpeed = 0.97, kMostSpeed = 1.03;
constexpr double kLeastGainDb = -6, kMostGainDb = 3;
constexpr double kAllPassChance = 0.8, kAllPassRadius = 0.99;
constexpr double kLeastAllPassHz = 20, kMostAllPassHz = 2000;
constexpr double kMuteChance = 0.1, kMostMutedShare = 0.25;
constexpr double kLeastNoiseDb = -80, kMostNoiseDb = -60;
constexpr double kQuantum = 1.0 / 32768;  // one step of 16 bits, full scale = 1

double Between(SeededRandom& random, double low, double high) {
  return low + (high - low) * random.Uniform();
}
double FromDecibels(double decibels) { return std::pow(10, decibels / 20); }

// Catmull and Rom's cubic through four samples.
float Interpolate(absl::Span<const float> x, double at) {
  const auto last = static_cast<int64_t>(x.size()) - 1;
  const auto begin = static_cast<int64_t>(at);
  const auto f = static_cast<float>(at - static_cast<double>(begin));
  const auto sample = [&](int64_t i) { return x[std::clamp<int64_t>(i, 0, last)]; };
  const float a = sample(begin - 1), b = sample(begin), c = sample(begin + 1), d = sample(begin + 2);
  return b + 0.5f * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)));
}

// Returns how many samples of the row are audio afterwards.
int64_t Resample(absl::Span<float> row, int64_t valid, double speed) {
  const std::vector<float> source(row.begin(), row.begin() + valid);
  const auto reach = static_cast<int64_t>(static_cast<double>(valid - 1) / speed) + 1;
  const int64_t heard = std::min<int64_t>(reach, valid);  // a slower row is cut at its old end
  for (int64_t i = 0; i < heard; ++i) row[i] = Interpolate(source, static_cast<double>(i) * speed);
  std::fill(row.begin() + heard, row.begin() + valid, 0.0f);
  return heard;
}

// H(z) = (r^2 - 2 r cos w z^-1 + z^-2) / (1 - 2 r cos w z^-1 + r^2 z^-2)
void AllPass(absl::Span<float> audio, double angle) {
  const double middle = -2 * kAllPassRadius * std::cos(angle), square = kAllPassRadius * kAllPassRadius;
  double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  for (float& sample : audio) {
    const double x0 = sample;
    const double y0 = square * x0 + middle * x1 + x2 - middle * y1 - square * y2;
    x2 = x1;
    x1 = x0;
    y2 = y1;
    y1 = y0;
    sample = static_cast<float>(y0);
  }
}

void Mute(absl::Span<float> audio, SeededRandom& random) {
  const auto longest = static_cast<uint64_t>(static_cast<double>(audio.size()) * kMostMutedShare);
  const uint64_t length = random.Below(longest + 1);
  const uint64_t begin = random.Below(audio.size() - length + 1);
  std::fill_n(audio.begin() + static_cast<int64_t>(begin), length, 0.0f);
}

// Box and Muller's normal draw, one of each pair.
double Normal(SeededRandom& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.Uniform());
}

}  // namespace

void Augment(Batch& batch, const AugmentationTerms& terms, int sample_rate_hz, uint64_t seed) {
  SeededRandom random(seed);
  for (size_t i = 0; i < batch.valid.size(); ++i) {
    const absl::Span<float> row = absl::MakeSpan(batch.audio).subspan(i * batch.samples, batch.samples);
    if (terms.resample) {
      batch.valid[i] = Resample(row, batch.valid[i], Between(random, kLeastSpeed, kMostSpeed));
    }
    const absl::Span<float> audio = row.first(batch.valid[i]);
    if (terms.gain) {
      const auto gain = static_cast<float>(FromDecibels(Between(random, kLeastGainDb, kMostGainDb)));
      for (float& sample : audio) sample *= gain;
    }
    if (terms.all_pass && random.Uniform() < kAllPassChance) {
      const double hertz = std::exp(Between(random, std::log(kLeastAllPassHz), std::log(kMostAllPassHz)));
      AllPass(audio, 2 * std::numbers::pi * hertz / sample_rate_hz);
    }
    if (terms.mute && random.Uniform() < kMuteChance) Mute(audio, random);
    if (terms.noise_floor) {
      const double level = FromDecibels(Between(random, kLeastNoiseDb, kMostNoiseDb));
      for (float& sample : audio) sample += static_cast<float>(level * Normal(random));
    }
    if (terms.dequantise) {
      for (float& sample : audio) sample += static_cast<float>(kQuantum * random.Uniform());
    }
  }
}

}  // namespace consort::trainer
