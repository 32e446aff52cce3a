#include "node/trainer/engine/training_choice.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "common/status/macros.h"
#include "node/trainer/families/segment_descriptors.h"
#include "node/trainer/training/selection.h"

namespace consort::trainer {
namespace {

constexpr int kRateHz = 44100;  // of the collection

// The mean of each descriptor over the segments that have it; NaN where none has.
std::vector<double> MeanOf(const std::vector<SegmentPoint>& points) {
  std::vector<double> mean(kSegmentDescriptors);
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    double sum = 0;
    int count = 0;
    for (const SegmentPoint& point : points) {
      if (std::isnan(point[d])) continue;
      sum += point[d];
      ++count;
    }
    mean[d] = count > 0 ? sum / count : std::nan("");
  }
  return mean;
}

absl::StatusOr<std::vector<Chosen>> Select(const std::vector<Candidate>& candidates,
                                           const v1::LocalTraining& local) {
  const auto bound = static_cast<double>(local.max_training_seconds());
  absl::StatusOr<std::vector<Chosen>> chosen = local.selection() == v1::SELECTION_HERDING
                                                   ? SelectByHerding(candidates, bound)
                                                   : SelectByCoverage(candidates, bound);
  if (!absl::IsFailedPrecondition(chosen.status())) return chosen;
  const auto shortest =
      std::min_element(candidates.begin(), candidates.end(),
                       [](const Candidate& a, const Candidate& b) { return a.seconds < b.seconds; });
  return std::vector<Chosen>{{static_cast<size_t>(shortest - candidates.begin()),
                              "The shortest one: every recording is longer than the job's bound."}};
}

}  // namespace

absl::StatusOr<std::vector<double>> TrainingChoice::PointOf(Collection& collection,
                                                            const Recording& recording,
                                                            const std::string& purpose) {
  if (const auto known = points_.find(recording.id); known != points_.end()) return known->second;
  const int64_t samples = std::min(recording.samples, static_cast<int64_t>(kDescribedSeconds * kRateHz));
  ASSIGN_OR_RETURN(const std::vector<float> audio,
                   collection.Read(recording, purpose, (recording.samples - samples) / 2, samples));
  ASSIGN_OR_RETURN(const std::vector<SegmentPoint> segments, DescribeSegments(audio, kRateHz));
  return points_[recording.id] = MeanOf(segments);
}

absl::StatusOr<TrainingChoice::Choice> TrainingChoice::Choose(Collection& collection,
                                                              const std::vector<const Recording*>& candidates,
                                                              const v1::JobSpec& spec) {
  const v1::LocalTraining& local = spec.local();
  const bool all = local.max_training_seconds() == 0 || local.selection() == v1::SELECTION_UNSPECIFIED ||
                   local.selection() == v1::SELECTION_ALL;
  if (all) return Choice{candidates, {}};
  std::map<std::string, std::vector<const Recording*>> traditions;
  for (const Recording* recording : candidates) traditions[recording->tradition].push_back(recording);
  Choice choice;
  std::set<const Recording*> kept;
  for (const auto& [tradition, recordings] : traditions) {
    std::vector<Candidate> points;
    for (const Recording* recording : recordings) {
      ASSIGN_OR_RETURN(std::vector<double> point, PointOf(collection, *recording, spec.purpose()));
      points.push_back({std::move(point), recording->seconds});
    }
    ASSIGN_OR_RETURN(const std::vector<Chosen> chosen, Select(points, local));
    for (const Chosen& one : chosen) {
      kept.insert(recordings[one.recording]);
      choice.reasons.emplace_back(recordings[one.recording]->id, one.reason);
    }
  }
  for (const Recording* recording : candidates) {
    if (kept.count(recording) > 0) choice.recordings.push_back(recording);
  }
  return choice;
}

}  // namespace consort::trainer
