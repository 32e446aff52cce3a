#include "node/trainer/descriptors/loudness_meter.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "common/status/macros.h"
#include "node/trainer/descriptors/audio_check.h"

namespace consort::trainer {
namespace {

constexpr double kOffset = -0.691;  // BS.1770-4, equation 2: undoes the filters' gain at 1 kHz
constexpr double kAbsoluteGateLufs = -70;
constexpr double kRelativeGateLu = -10;
constexpr double kBlockSeconds = 0.4;
constexpr double kStepSeconds = 0.1;

double LufsOf(double power) {
  return power > 0 ? std::max(kSilenceLufs, kOffset + 10 * std::log10(power)) : kSilenceLufs;
}

double PowerOf(double lufs) { return std::pow(10, (lufs - kOffset) / 10); }

// The mean of the powers above `gate`; 0 if there are none.
double MeanAbove(const std::vector<double>& powers, double gate) {
  double sum = 0;
  int64_t count = 0;
  for (const double power : powers) {
    if (power <= gate) continue;
    sum += power;
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

Biquad HighShelf(int sample_rate_hz) {
  constexpr double kHertz = 1681.974450955533, kGainDb = 3.999843853973347, kQuality = 0.7071752369554196;
  constexpr double kMiddleExponent = 0.4996667741545416;  // where between 1 and the gain the middle term lies
  const double k = std::tan(std::numbers::pi * kHertz / sample_rate_hz);
  const double high = std::pow(10, kGainDb / 20), middle = std::pow(high, kMiddleExponent);
  const double a0 = 1 + k / kQuality + k * k;
  return {(high + middle * k / kQuality + k * k) / a0, 2 * (k * k - high) / a0,
          (high - middle * k / kQuality + k * k) / a0, 2 * (k * k - 1) / a0, (1 - k / kQuality + k * k) / a0};
}

Biquad HighPass(int sample_rate_hz) {
  constexpr double kHertz = 38.13547087602444, kQuality = 0.5003270373238773;
  const double k = std::tan(std::numbers::pi * kHertz / sample_rate_hz);
  const double a0 = 1 + k / kQuality + k * k;
  // The table's numerator is 1, -2, 1, not divided by a0.
  return {1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / kQuality + k * k) / a0};
}

double Filter(const Biquad& stage, std::array<double, 2>& state, double x) {
  const double y = stage.b0 * x + state[0];
  state[0] = stage.b1 * x - stage.a1 * y + state[1];
  state[1] = stage.b2 * x - stage.a2 * y;
  return y;
}

}  // namespace

std::array<Biquad, 2> KWeighting(int sample_rate_hz) {
  return {HighShelf(sample_rate_hz), HighPass(sample_rate_hz)};
}

absl::StatusOr<LoudnessMeter> LoudnessMeter::Create(int sample_rate_hz) {
  RETURN_IF_ERROR(CheckRate(sample_rate_hz));
  return LoudnessMeter(sample_rate_hz);
}

LoudnessMeter::LoudnessMeter(int sample_rate_hz)
    : stages_(KWeighting(sample_rate_hz)),
      step_(static_cast<int>(std::lround(kStepSeconds * sample_rate_hz))),
      squares_(std::lround(kBlockSeconds * sample_rate_hz)) {}

void LoudnessMeter::Add(absl::Span<const float> samples) {
  const auto block = static_cast<int64_t>(squares_.size());
  for (const float sample : samples) {
    // A tiny constant keeps the decay after a sound out of the subnormal numbers, which are slow.
    constexpr double kNotSubnormal = 1e-30;
    const double y = Filter(stages_[1], states_[1], Filter(stages_[0], states_[0], sample + kNotSubnormal));
    sum_ += y * y - squares_[next_];
    squares_[next_] = y * y;
    if (++next_ == squares_.size()) {
      next_ = 0;
      sum_ = std::accumulate(squares_.begin(), squares_.end(), 0.0);  // rounding errors end here
    }
    ++samples_;
    if (samples_ >= block && (samples_ - block) % step_ == 0) {
      const double power = std::max(0.0, sum_) / static_cast<double>(block);
      if (power > PowerOf(kAbsoluteGateLufs)) block_powers_.push_back(power);
    }
  }
}

double LoudnessMeter::Momentary() const { return LufsOf(sum_ / static_cast<double>(squares_.size())); }

double LoudnessMeter::Integrated() const {
  if (samples_ < static_cast<int64_t>(squares_.size())) {
    return Momentary() > kAbsoluteGateLufs ? Momentary() : kSilenceLufs;
  }
  const double ungated = MeanAbove(block_powers_, 0);
  return LufsOf(MeanAbove(block_powers_, ungated * std::pow(10, kRelativeGateLu / 10)));
}

}  // namespace consort::trainer
