#include "node/trainer/training/selection.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

using Point = std::vector<double>;

constexpr double kFar = std::numeric_limits<double>::infinity();

double Distance(const Point& a, const Point& b) {
  double squares = 0;
  for (size_t d = 0; d < a.size(); ++d) squares += (a[d] - b[d]) * (a[d] - b[d]);
  return std::sqrt(squares);
}

Point MeanOf(absl::Span<const Point> points) {
  Point mean(points[0].size());
  for (size_t d = 0; d < mean.size(); ++d) {
    double count = 0;
    for (const Point& point : points) {
      if (std::isnan(point[d])) continue;
      mean[d] += point[d];
      ++count;
    }
    mean[d] = count > 0 ? mean[d] / count : 0;
  }
  return mean;
}

absl::Status Check(absl::Span<const Candidate> candidates, double most_seconds) {
  if (candidates.empty()) return absl::InvalidArgumentError("there are no recordings to choose from");
  if (!(most_seconds > 0)) return absl::InvalidArgumentError("the seconds to choose must be above 0");
  bool fits = false;
  for (const Candidate& candidate : candidates) {
    const bool finite = std::none_of(candidate.point.begin(), candidate.point.end(),
                                     [](double value) { return std::isinf(value); });
    if (candidate.point.size() != candidates[0].point.size() || !finite || !(candidate.seconds > 0) ||
        !std::isfinite(candidate.seconds)) {
      return absl::InvalidArgumentError(
          "recordings to choose from need points of one length, finite or NaN, and a length above 0 seconds");
    }
    fits = fits || candidate.seconds <= most_seconds;
  }
  if (fits) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrFormat("no-usable-recording: every recording is longer than the %g seconds that may be "
                      "chosen; raise the bound",
                      most_seconds));
}

// Chooses one recording after the other.
class Selection {
 public:
  Selection(absl::Span<const Candidate> candidates, double most_seconds)
      : candidates_(candidates), left_(most_seconds), taken_(candidates.size()) {
    for (const Candidate& candidate : candidates) points_.push_back(candidate.point);
    mean_ = MeanOf(points_);
    for (Point& point : points_) {
      for (size_t d = 0; d < point.size(); ++d) {
        if (std::isnan(point[d])) point[d] = mean_[d];
      }
    }
  }

  const Point& point(size_t recording) const { return points_[recording]; }
  const Point& mean() const { return mean_; }
  size_t size() const { return points_.size(); }

  // The recording of the lowest cost among those that fit.
  std::optional<size_t> Best(const std::function<double(size_t)>& cost) const {
    std::optional<size_t> best;
    double lowest = kFar;
    for (size_t i = 0; i < points_.size(); ++i) {
      if (taken_[i] || candidates_[i].seconds > left_) continue;
      const double here = cost(i);
      if (best.has_value() && here >= lowest) continue;
      best = i;
      lowest = here;
    }
    return best;
  }

  void Take(size_t recording, std::string reason) {
    taken_[recording] = true;
    left_ -= candidates_[recording].seconds;
    chosen_.push_back({recording, std::move(reason)});
  }

  std::vector<Chosen> Finish() && { return std::move(chosen_); }

 private:
  absl::Span<const Candidate> candidates_;
  double left_;  // seconds
  std::vector<bool> taken_;
  std::vector<Point> points_;
  Point mean_;
  std::vector<Chosen> chosen_;
};

}  // namespace

absl::StatusOr<std::vector<Chosen>> SelectByCoverage(absl::Span<const Candidate> candidates,
                                                     double most_seconds) {
  RETURN_IF_ERROR(Check(candidates, most_seconds));
  Selection selection(candidates, most_seconds);
  const auto from_mean = [&](size_t i) { return Distance(selection.point(i), selection.mean()); };
  std::vector<double> gap(selection.size(), kFar);  // to the nearest chosen one
  std::vector<size_t> nearest(selection.size());
  std::optional<size_t> next = selection.Best(from_mean);
  selection.Take(*next, absl::StrFormat("recording %d lies nearest to the mean of all, at a distance of %.3g",
                                        *next + 1, from_mean(*next)));
  while (true) {
    for (size_t i = 0; i < selection.size(); ++i) {
      const double distance = Distance(selection.point(i), selection.point(*next));
      if (distance >= gap[i]) continue;
      gap[i] = distance;
      nearest[i] = *next;
    }
    next = selection.Best([&](size_t i) { return -gap[i]; });
    if (!next.has_value() || gap[*next] == 0) return std::move(selection).Finish();
    selection.Take(*next,
                   absl::StrFormat("recording %d was the farthest from those chosen before: %.3g from the "
                                   "nearest, recording %d",
                                   *next + 1, gap[*next], nearest[*next] + 1));
  }
}

absl::StatusOr<std::vector<Chosen>> SelectByHerding(absl::Span<const Candidate> candidates,
                                                    double most_seconds) {
  RETURN_IF_ERROR(Check(candidates, most_seconds));
  Selection selection(candidates, most_seconds);
  Point sum(selection.mean().size());
  double count = 0, before = kFar;
  const auto error_with = [&](size_t i) {
    Point mean = selection.point(i);
    for (size_t d = 0; d < mean.size(); ++d) mean[d] = (sum[d] + mean[d]) / (count + 1);
    return Distance(mean, selection.mean());
  };
  while (const std::optional<size_t> next = selection.Best(error_with)) {
    const double error = error_with(*next);
    selection.Take(
        *next, count == 0
                   ? absl::StrFormat("recording %d lies nearest to the mean of all, at a distance of %.3g",
                                     *next + 1, error)
                   : absl::StrFormat("recording %d moves the mean of those chosen from %.3g to %.3g away "
                                     "from the mean of all",
                                     *next + 1, before, error));
    for (size_t d = 0; d < sum.size(); ++d) sum[d] += selection.point(*next)[d];
    ++count;
    before = error;
  }
  return std::move(selection).Finish();
}

}  // namespace consort::trainer
