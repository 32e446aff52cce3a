#include "coordinator/rounds/tradition_results.h"

#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/statistics/bootstrap.h"

namespace consort::coordinator {
namespace {

using Pairs = std::vector<std::pair<double, double>>;

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

v1::TraditionResult ResultOf(const std::string& tradition, const std::string& archive, const Pairs& pairs,
                             double level, absl::string_view material) {
  double before = 0;
  double after = 0;
  std::vector<double> differences;
  for (const auto& [first, second] : pairs) {
    before += first;
    after += second;
    differences.push_back(second - first);
  }
  const auto count = static_cast<double>(pairs.size());
  const std::optional<Interval> interval =
      BootstrapMean(differences, level, SeedOf(material, tradition, archive));
  v1::TraditionResult result;
  result.set_tradition(tradition);
  result.set_archive(archive);
  result.set_recordings(static_cast<uint32_t>(pairs.size()));
  result.set_before(before / count);
  result.set_after(after / count);
  result.set_difference((after - before) / count);
  result.set_has_interval(interval.has_value());
  if (interval.has_value()) {
    result.set_low(interval->low);
    result.set_high(interval->high);
  }
  result.set_verdict(VerdictOf(interval));
  return result;
}

}  // namespace

std::vector<v1::TraditionResult> TraditionResults(const std::vector<ArchiveScores>& scores, double level,
                                                  absl::string_view seed_material) {
  std::map<std::string, std::map<std::string, Pairs>> by_tradition;
  for (const ArchiveScores& archive : scores) {
    for (const TraditionPairs& one : archive.traditions) {
      if (!one.pairs.empty()) by_tradition[one.tradition][archive.archive] = one.pairs;
    }
  }
  std::vector<v1::TraditionResult> results;
  for (const auto& [tradition, archives] : by_tradition) {
    Pairs together;
    for (const auto& [archive, pairs] : archives) together.insert(together.end(), pairs.begin(), pairs.end());
    if (archives.size() > 1) results.push_back(ResultOf(tradition, "", together, level, seed_material));
    for (const auto& [archive, pairs] : archives) {
      results.push_back(ResultOf(tradition, archive, pairs, level, seed_material));
    }
  }
  return results;
}

std::string BootstrapSeedMaterial(absl::string_view job_digest, uint32_t round) {
  return absl::StrCat("consort.bootstrap.v1\n", job_digest, "\n", round, "\n");
}

}  // namespace consort::coordinator
