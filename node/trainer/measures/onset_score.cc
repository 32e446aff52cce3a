#include "node/trainer/measures/onset_score.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

std::vector<double> Sorted(absl::Span<const double> times) {
  std::vector<double> sorted(times.begin(), times.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// On a line with one tolerance for all, matching the earliest pair that can be matched, again and again,
// gives a largest matching: a pair left out for it could only have used up later onsets.
int64_t LargestMatching(const std::vector<double>& reference, const std::vector<double>& estimated) {
  int64_t matched = 0;
  for (size_t i = 0, j = 0; i < reference.size() && j < estimated.size();) {
    if (std::abs(reference[i] - estimated[j]) <= kOnsetToleranceSeconds) {
      ++matched;
      ++i;
      ++j;
    } else if (reference[i] < estimated[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return matched;
}

}  // namespace

absl::StatusOr<OnsetScore> CompareOnsets(absl::Span<const double> reference,
                                         absl::Span<const double> estimated) {
  for (const absl::Span<const double> times : {reference, estimated}) {
    if (std::all_of(times.begin(), times.end(), [](double time) { return std::isfinite(time); })) continue;
    return absl::InvalidArgumentError("not-finite: an onset's time is NaN or infinite");
  }
  OnsetScore score;
  score.reference = static_cast<int64_t>(reference.size());
  score.estimated = static_cast<int64_t>(estimated.size());
  score.matched = LargestMatching(Sorted(reference), Sorted(estimated));
  if (score.matched == 0) return score;
  const auto matched = static_cast<double>(score.matched);
  score.precision = matched / static_cast<double>(score.estimated);
  score.recall = matched / static_cast<double>(score.reference);
  score.f1 = 2 * score.precision * score.recall / (score.precision + score.recall);
  return score;
}

}  // namespace consort::trainer
