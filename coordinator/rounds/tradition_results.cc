#include "coordinator/rounds/tradition_results.h"

#include <map>
#include <numeric>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/statistics/bootstrap.h"

namespace consort::coordinator {
namespace {

constexpr absl::string_view kPredictedAs = "predicted-as/";

uint64_t SeedOf(absl::string_view material, absl::string_view tradition, absl::string_view archive) {
  const Digest digest = Sha256Of(absl::StrCat(material, tradition, "\n", archive, "\n"));
  uint64_t seed = 0;
  for (int i = 7; i >= 0; --i) seed = seed << 8 | digest[static_cast<size_t>(i)];
  return seed;
}

v1::TraditionResult::Verdict VerdictOf(const std::optional<Interval>& interval) {
  if (interval.has_value() && interval->high < 0) return v1::TraditionResult::VERDICT_IMPROVED;
  if (interval.has_value() && interval->low > 0) return v1::TraditionResult::VERDICT_HARMED;
  return v1::TraditionResult::VERDICT_UNCLEAR;
}

// Means of pairs and the interval of their difference.
struct Comparison {
  double before = 0;
  double after = 0;
  std::optional<Interval> interval;
};

Comparison Compare(const ScorePairs& pairs, double level, uint64_t seed) {
  Comparison comparison;
  std::vector<double> differences;
  for (const auto& [first, second] : pairs) {
    comparison.before += first;
    comparison.after += second;
    differences.push_back(second - first);
  }
  const auto count = static_cast<double>(pairs.size());
  comparison.before /= count;
  comparison.after /= count;
  comparison.interval = BootstrapMean(differences, level, seed);
  return comparison;
}

void AddMeasure(const Measured& measured, double level, uint64_t seed, v1::TraditionResult& result) {
  if (measured.pairs.empty() || absl::StartsWith(measured.name, kPredictedAs)) return;
  v1::MeasureResult& one = *result.add_measures();
  one.set_name(measured.name);
  one.set_size(measured.set_size > 0 ? measured.set_size : static_cast<uint32_t>(measured.pairs.size()));
  const Comparison comparison = Compare(measured.pairs, level, seed);
  one.set_before(comparison.before);
  one.set_after(comparison.after);
  one.set_has_interval(comparison.interval.has_value());
  if (!comparison.interval.has_value()) return;
  one.set_low(comparison.interval->low);
  one.set_high(comparison.interval->high);
}

double MeanOf(const std::vector<double>& scores) {
  return std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
}

v1::TraditionResult ResultOf(const TraditionPairs& scores, const std::string& archive, double level,
                             absl::string_view material) {
  const uint64_t seed = SeedOf(material, scores.tradition, archive);
  const Comparison comparison = Compare(scores.pairs, level, seed);
  v1::TraditionResult result;
  result.set_tradition(scores.tradition);
  result.set_archive(archive);
  result.set_recordings(static_cast<uint32_t>(scores.pairs.size()));
  result.set_before(comparison.before);
  result.set_after(comparison.after);
  result.set_difference(comparison.after - comparison.before);
  result.set_has_interval(comparison.interval.has_value());
  if (comparison.interval.has_value()) {
    result.set_low(comparison.interval->low);
    result.set_high(comparison.interval->high);
  }
  result.set_verdict(VerdictOf(comparison.interval));
  if (!scores.yardstick.empty()) {
    result.set_has_yardstick(true);
    result.set_yardstick(MeanOf(scores.yardstick));
  }
  // Beside the mean over all recordings a mean over some of them would compare what is not the same.
  if (!scores.personal.empty() && scores.personal.size() == scores.pairs.size()) {
    result.set_has_personal(true);
    result.set_personal(MeanOf(scores.personal));
  }
  for (const Measured& measured : scores.measures) AddMeasure(measured, level, seed, result);
  return result;
}

// All archives' recordings of a tradition as if they were one archive's; values of sets do not add up.
TraditionPairs Together(const std::string& tradition, const std::map<std::string, TraditionPairs>& archives) {
  TraditionPairs together;
  together.tradition = tradition;
  std::map<std::string, ScorePairs> measures;
  for (const auto& [archive, scores] : archives) {
    together.pairs.insert(together.pairs.end(), scores.pairs.begin(), scores.pairs.end());
    together.yardstick.insert(together.yardstick.end(), scores.yardstick.begin(), scores.yardstick.end());
    together.personal.insert(together.personal.end(), scores.personal.begin(), scores.personal.end());
    for (const Measured& measured : scores.measures) {
      if (measured.set_size > 0) continue;
      ScorePairs& pairs = measures[measured.name];
      pairs.insert(pairs.end(), measured.pairs.begin(), measured.pairs.end());
    }
  }
  for (const auto& [name, pairs] : measures) together.measures.push_back({name, pairs});
  return together;
}

using ByTradition = std::map<std::string, std::map<std::string, TraditionPairs>>;
using Confusion =
    std::map<std::string, std::map<std::string, std::pair<double, double>>>;  // truth, prediction

Confusion CountPredictions(const ByTradition& traditions) {
  Confusion counts;
  for (const auto& [tradition, archives] : traditions) {
    for (const auto& [archive, scores] : archives) {
      for (const Measured& measured : scores.measures) {
        absl::string_view predicted = measured.name;
        if (!absl::ConsumePrefix(&predicted, kPredictedAs) || measured.pairs.size() != 1) continue;
        auto& [before, after] = counts[tradition][std::string(predicted)];
        before += measured.pairs[0].first;
        after += measured.pairs[0].second;
      }
    }
  }
  return counts;
}

// 2 TP / (2 TP + FP + FN) of one tradition (docs/measures.md).
void AddF1(const Confusion& counts, v1::TraditionResult& result) {
  if (counts.count(result.tradition()) == 0) return;
  std::pair<double, double> right, predicted, present;
  for (const auto& [truth, row] : counts) {
    for (const auto& [prediction, count] : row) {
      const bool is_prediction = prediction == result.tradition();
      const bool is_truth = truth == result.tradition();
      if (is_prediction) predicted = {predicted.first + count.first, predicted.second + count.second};
      if (is_truth) present = {present.first + count.first, present.second + count.second};
      if (is_truth && is_prediction) right = count;
    }
  }
  v1::MeasureResult& f1 = *result.add_measures();
  f1.set_name("f1");
  f1.set_size(static_cast<uint32_t>(present.second));
  f1.set_before(2 * right.first / (predicted.first + present.first));
  f1.set_after(2 * right.second / (predicted.second + present.second));
}

}  // namespace

std::vector<v1::TraditionResult> TraditionResults(const std::vector<ArchiveScores>& scores, double level,
                                                  absl::string_view seed_material) {
  ByTradition by_tradition;
  for (const ArchiveScores& archive : scores) {
    for (const TraditionPairs& one : archive.traditions) {
      if (!one.pairs.empty()) by_tradition[one.tradition][archive.archive] = one;
    }
  }
  const Confusion predictions = CountPredictions(by_tradition);
  std::vector<v1::TraditionResult> results;
  for (const auto& [tradition, archives] : by_tradition) {
    const size_t first = results.size();
    if (archives.size() > 1) {
      results.push_back(ResultOf(Together(tradition, archives), "", level, seed_material));
    }
    for (const auto& [archive, pairs] : archives) {
      results.push_back(ResultOf(pairs, archive, level, seed_material));
    }
    AddF1(predictions, results[first]);
  }
  return results;
}

std::string BootstrapSeedMaterial(absl::string_view job_digest, uint32_t round) {
  return absl::StrCat("consort.bootstrap.v1\n", job_digest, "\n", round, "\n");
}

}  // namespace consort::coordinator
