#include "node/trainer/models/patch_attributes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "common/status/macros.h"
#include "node/trainer/descriptors/descriptor_extractor.h"

namespace consort::trainer {
namespace {

constexpr size_t kFewestPitches = 10;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Of the values that are numbers; NaN if there are none.
template <typename Transform>
double MeanOf(const std::vector<float>& values, Transform transform) {
  double sum = 0;
  int64_t count = 0;
  for (const float value : values) {
    if (std::isnan(value)) continue;
    sum += transform(value);
    ++count;
  }
  return count == 0 ? kNone : sum / static_cast<double>(count);
}

double MedianSemitones(const std::vector<float>& pitch_hz) {
  std::vector<double> semitones;
  for (const float hertz : pitch_hz) {
    if (!std::isnan(hertz)) semitones.push_back(69 + 12 * std::log2(hertz / 440.0));
  }
  if (semitones.size() < kFewestPitches) return kNone;
  const auto middle = semitones.begin() + static_cast<int64_t>(semitones.size()) / 2;
  std::nth_element(semitones.begin(), middle, semitones.end());
  return *middle;
}

}  // namespace

absl::StatusOr<PatchAttributes> MeasurePatchAttributes(absl::Span<const float> audio, int sample_rate_hz) {
  ASSIGN_OR_RETURN(DescriptorExtractor extractor, DescriptorExtractor::Create(sample_rate_hz));
  RETURN_IF_ERROR(extractor.Add(audio));
  ASSIGN_OR_RETURN(const RecordingTotals totals, extractor.Finish());
  const DescriptorTrack track = extractor.Take();
  return PatchAttributes{
      MeanOf(track.loudness_lufs, [](double lufs) { return lufs; }),
      MeanOf(track.centroid_hz, [](double hertz) { return std::log2(std::max(hertz, 1.0)); }),
      MeanOf(track.flatness_db, [](double decibels) { return decibels; }), MedianSemitones(track.pitch_hz),
      static_cast<double>(OnsetTimes(track).size()) / totals.seconds};
}

}  // namespace consort::trainer
