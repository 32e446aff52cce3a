#include "node/trainer/evaluation/recording_measures.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/families/segment_descriptors.h"
#include "node/trainer/measures/frechet_distance.h"
#include "node/trainer/measures/kernel_distance.h"
#include "node/trainer/measures/reconstruction_measures.h"

namespace consort::trainer {
namespace {

constexpr char kEmbedding[] = "descriptor-segments.v1";
constexpr int64_t kLeastPoints = 2;

double Rounded(double value) { return std::round(value * 1e4) / 1e4; }

EmbeddingSet EmptySet(const char* name) { return {kEmbedding, name, kSegmentDescriptors, {}}; }

// Appends the seconds of a sound; a descriptor that one lacks is in the middle of its range.
absl::Status Append(absl::Span<const float> audio, int sample_rate_hz, EmbeddingSet& set) {
  ASSIGN_OR_RETURN(const std::vector<SegmentPoint> points, DescribeSegments(audio, sample_rate_hz));
  for (const SegmentPoint& point : points) {
    for (const float value : point) set.values.push_back(std::isnan(value) ? 0 : value);
  }
  return absl::OkStatus();
}

v1::MeasureScores SetScores(const std::string& name, double before, double after, int64_t size) {
  v1::MeasureScores scores;
  scores.set_name(name);
  scores.set_set_size(static_cast<uint32_t>(size));
  v1::ScorePair& pair = *scores.add_pairs();
  pair.set_before(Rounded(before));
  pair.set_after(Rounded(after));
  return scores;
}

const std::string& MostLikely(const std::vector<std::string>& classes,
                              absl::Span<const double> probabilities) {
  return classes[std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin()];
}

}  // namespace

RecordingMeasures::RecordingMeasures(int sample_rate_hz)
    : sample_rate_hz_(sample_rate_hz),
      originals_(EmptySet("originals")),
      before_(EmptySet("before")),
      after_(EmptySet("after")) {}

void RecordingMeasures::AddPair(const char* name, double before, double after) {
  pairs_[name].emplace_back(Rounded(before), Rounded(after));
}

absl::Status RecordingMeasures::AddReconstruction(absl::Span<const float> original,
                                                  absl::Span<const float> before,
                                                  absl::Span<const float> after) {
  ASSIGN_OR_RETURN(const ReconstructionMeasures first,
                   MeasureReconstruction(original, before, sample_rate_hz_));
  ASSIGN_OR_RETURN(const ReconstructionMeasures second,
                   MeasureReconstruction(original, after, sample_rate_hz_));
  AddPair("spectral-convergence", first.spectral_convergence, second.spectral_convergence);
  AddPair("log-mel-distance", first.log_mel_distance, second.log_mel_distance);
  AddPair("loudness-difference", std::abs(first.loudness_difference_lu),
          std::abs(second.loudness_difference_lu));
  AddPair("raw-pitch-accuracy", first.melody.raw_pitch, second.melody.raw_pitch);
  AddPair("raw-chroma-accuracy", first.melody.raw_chroma, second.melody.raw_chroma);
  AddPair("onset-f1", first.onsets.f1, second.onsets.f1);
  RETURN_IF_ERROR(Append(original, sample_rate_hz_, originals_));
  RETURN_IF_ERROR(Append(before, sample_rate_hz_, before_));
  return Append(after, sample_rate_hz_, after_);
}

void RecordingMeasures::AddPrediction(const std::vector<std::string>& classes,
                                      absl::Span<const double> before, absl::Span<const double> after) {
  for (const std::string& name : classes) predicted_[name];
  ++predicted_[MostLikely(classes, before)].first;
  ++predicted_[MostLikely(classes, after)].second;
  ++predictions_;
}

absl::Status RecordingMeasures::AddDistances(uint64_t seed, std::vector<v1::MeasureScores>& scores) const {
  const int64_t size = std::min({originals_.count(), before_.count(), after_.count()});
  if (size < kLeastPoints) return absl::OkStatus();
  const absl::StatusOr<CollectionDistance> kernel_before = KernelDistance(originals_, before_);
  const absl::StatusOr<CollectionDistance> kernel_after = KernelDistance(originals_, after_);
  // Seconds that are all alike have no distance.
  if (kernel_before.ok() && kernel_after.ok()) {
    scores.push_back(SetScores("kernel-distance", kernel_before->value, kernel_after->value, size));
  }
  if (size <= kLeastFrechetPoints) return absl::OkStatus();
  ASSIGN_OR_RETURN(const FrechetAtInfinity frechet_before,
                   FrechetDistanceAtInfinity(originals_, before_, seed));
  ASSIGN_OR_RETURN(const FrechetAtInfinity frechet_after,
                   FrechetDistanceAtInfinity(originals_, after_, seed));
  scores.push_back(SetScores("frechet-distance-at-infinity", frechet_before.distance.value,
                             frechet_after.distance.value, size));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::MeasureScores>> RecordingMeasures::Finish(uint64_t seed) && {
  std::vector<v1::MeasureScores> scores;
  for (const auto& [name, pairs] : pairs_) {
    v1::MeasureScores& one = scores.emplace_back();
    one.set_name(name);
    for (const auto& [before, after] : pairs) {
      v1::ScorePair& pair = *one.add_pairs();
      pair.set_before(before);
      pair.set_after(after);
    }
  }
  RETURN_IF_ERROR(AddDistances(seed, scores));
  for (const auto& [name, counts] : predicted_) {
    scores.push_back(
        SetScores(absl::StrCat("predicted-as/", name), counts.first, counts.second, predictions_));
  }
  return scores;
}

}  // namespace consort::trainer
