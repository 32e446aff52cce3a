#include "node/trainer/descriptors/mel_filters.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

constexpr double kHertzPerMel = 200.0 / 3;
constexpr double kKneeHertz = 1000;
constexpr double kKneeMel = kKneeHertz / kHertzPerMel;
constexpr double kHighestHertz =
    16000;  // above it recordings differ by their encoder more than by their music
const double kLogStep = std::log(6.4) / 27;

}  // namespace

double MelOfHertz(double hertz) {
  return hertz < kKneeHertz ? hertz / kHertzPerMel : kKneeMel + std::log(hertz / kKneeHertz) / kLogStep;
}

double HertzOfMel(double mel) {
  return mel < kKneeMel ? mel * kHertzPerMel : kKneeHertz * std::exp((mel - kKneeMel) * kLogStep);
}

absl::StatusOr<MelFilters> MelFilters::Create(int sample_rate_hz, int transform, const MelRange& range) {
  const double nyquist = sample_rate_hz / 2.0;
  const double high_hz = range.high_hz == 0 ? std::min(nyquist, kHighestHertz) : range.high_hz;
  if (range.bands < 1 || transform < 2 ||
      !(range.low_hz >= 0 && range.low_hz < high_hz && high_hz <= nyquist)) {
    return absl::InvalidArgumentError(
        absl::StrCat("mel bands need 0 <= low < high <= half the rate and at least one band: ", range.bands,
                     " bands from ", range.low_hz, " to ", high_hz, " Hz at ", sample_rate_hz, " Hz"));
  }
  const double low_mel = MelOfHertz(range.low_hz);
  const double step = (MelOfHertz(high_hz) - low_mel) / (range.bands + 1);
  const double bin_hz = static_cast<double>(sample_rate_hz) / transform;
  std::vector<Filter> filters;
  for (int band = 0; band < range.bands; ++band) {
    const double left = HertzOfMel(low_mel + band * step);
    const double centre = HertzOfMel(low_mel + (band + 1) * step);
    const double right = HertzOfMel(low_mel + (band + 2) * step);
    // A narrow triangle is widened to reach one bin on either side.
    const double rise = std::max(centre - left, bin_hz), fall = std::max(right - centre, bin_hz);
    Filter filter;
    filter.first_bin = std::max(0, static_cast<int>(std::floor((centre - rise) / bin_hz)) + 1);
    const int last_bin = std::min(transform / 2, static_cast<int>(std::ceil((centre + fall) / bin_hz)) - 1);
    for (int bin = filter.first_bin; bin <= last_bin; ++bin) {
      const double away = bin * bin_hz - centre;
      filter.weights.push_back(static_cast<float>(1 - (away < 0 ? -away / rise : away / fall)));
    }
    filters.push_back(std::move(filter));
  }
  return MelFilters(std::move(filters));
}

MelFilters::MelFilters(std::vector<Filter> filters) : filters_(std::move(filters)) {}

void MelFilters::Apply(absl::Span<const float> power, absl::Span<float> out) const {
  for (size_t band = 0; band < filters_.size(); ++band) {
    const Filter& filter = filters_[band];
    float sum = 0;
    for (size_t i = 0; i < filter.weights.size(); ++i) sum += filter.weights[i] * power[filter.first_bin + i];
    out[band] = sum;
  }
}

}  // namespace consort::trainer
