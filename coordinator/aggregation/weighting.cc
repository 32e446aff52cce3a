#include "coordinator/aggregation/weighting.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace consort::coordinator {
namespace {

// One archive's share of each of its traditions, in the order of its supplies.
using Shares = std::vector<double>;

double SumOf(const Shares& shares) { return std::accumulate(shares.begin(), shares.end(), 0.0); }

// Seconds count from 1, so that a supply that rounds down to nothing still has a share.
double SecondsOf(const v1::TraditionSupply& supply) {
  return static_cast<double>(std::max<uint64_t>(supply.training_seconds(), 1));
}

std::vector<Shares> SharesBySeconds(absl::Span<const ArchiveSupplies> cohort) {
  std::vector<Shares> all;
  for (const ArchiveSupplies& archive : cohort) {
    Shares& shares = all.emplace_back();
    for (const v1::TraditionSupply& supply : archive.supplies) shares.push_back(SecondsOf(supply));
  }
  return all;
}

// Each tradition is worth 1, shared by seconds among the archives that hold it.
std::vector<Shares> SharesByTradition(absl::Span<const ArchiveSupplies> cohort) {
  std::map<std::string, double> seconds;
  for (const ArchiveSupplies& archive : cohort) {
    for (const v1::TraditionSupply& supply : archive.supplies)
      seconds[supply.tradition()] += SecondsOf(supply);
  }
  std::vector<Shares> all;
  for (const ArchiveSupplies& archive : cohort) {
    Shares& shares = all.emplace_back();
    for (const v1::TraditionSupply& supply : archive.supplies) {
      shares.push_back(SecondsOf(supply) / seconds[supply.tradition()]);
    }
  }
  return all;
}

// What `weighting` gives each tradition of each archive, times the objective's factors.
std::vector<Shares> ShareOut(v1::Weighting weighting, absl::Span<const ArchiveSupplies> cohort,
                             uint32_t max_weight, const ObjectiveFactors& factors) {
  std::vector<Shares> all =
      weighting == v1::WEIGHTING_TRADITION ? SharesByTradition(cohort) : SharesBySeconds(cohort);
  for (size_t i = 0; i < cohort.size(); ++i) {
    const double sum = SumOf(all[i]);
    double scale = 1;
    if (weighting == v1::WEIGHTING_ARCHIVE) scale = 1 / sum;
    if (weighting == v1::WEIGHTING_EXAMPLES) scale = std::min<double>(sum, max_weight) / sum;
    for (size_t j = 0; j < all[i].size(); ++j) {
      all[i][j] *= scale * factors.Of(cohort[i].archive, cohort[i].supplies[j].tradition());
    }
  }
  return all;
}

std::vector<uint32_t> WeighArchives(v1::Weighting weighting, const std::vector<Shares>& shares,
                                    uint32_t max_weight, bool scaled) {
  double heaviest = 0;
  for (const Shares& archive : shares) heaviest = std::max(heaviest, SumOf(archive));
  std::vector<uint32_t> weights;
  for (const Shares& archive : shares) {
    double weight = max_weight;
    if (weighting == v1::WEIGHTING_EXAMPLES) weight = std::round(SumOf(archive));
    if (scaled) weight = std::round(max_weight * (SumOf(archive) / heaviest));
    weights.push_back(std::max<uint32_t>(static_cast<uint32_t>(weight), 1));
  }
  return weights;
}

// Shares `total` out in proportion by largest remainders; ties go to the earlier one.
std::vector<uint64_t> Apportion(uint64_t total, const Shares& shares) {
  const double sum = SumOf(shares);
  std::vector<uint64_t> parts;
  std::vector<double> remainders;
  for (const double share : shares) {
    const double exact = static_cast<double>(total) * share / sum;
    parts.push_back(static_cast<uint64_t>(exact));
    remainders.push_back(exact - std::floor(exact));
  }
  std::vector<size_t> order(shares.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  const uint64_t given = std::accumulate(parts.begin(), parts.end(), uint64_t{0});
  for (uint64_t i = 0; i < total - given; ++i) ++parts[order[i % order.size()]];
  return parts;
}

}  // namespace

absl::StatusOr<CohortWeights> WeighCohort(v1::Weighting weighting, absl::Span<const ArchiveSupplies> cohort,
                                          uint32_t max_weight, const ObjectiveFactors& factors) {
  if (cohort.empty()) return absl::InvalidArgumentError("a cohort without archives has no weights");
  if (max_weight == 0) return absl::InvalidArgumentError("max_weight must be at least 1");
  if (!v1::Weighting_IsValid(weighting) || weighting == v1::WEIGHTING_UNSPECIFIED) {
    return absl::InvalidArgumentError("a job's weighting is unspecified or unknown");
  }
  for (const ArchiveSupplies& archive : cohort) {
    if (!archive.supplies.empty()) continue;
    return absl::InvalidArgumentError(absl::StrCat("an approved plan has no supplies: ", archive.archive));
  }
  const std::vector<Shares> shares = ShareOut(weighting, cohort, max_weight, factors);
  const bool scaled =
      weighting == v1::WEIGHTING_TRADITION || !factors.archives.empty() || !factors.traditions.empty();
  CohortWeights weights;
  weights.archives = WeighArchives(weighting, shares, max_weight, scaled);
  for (size_t i = 0; i < cohort.size(); ++i) {
    std::vector<uint64_t>& parts = weights.shares.emplace_back(Apportion(weights.archives[i], shares[i]));
    for (size_t j = 0; j < parts.size(); ++j) {
      parts[j] = std::max<uint64_t>(parts[j], 1);
      weights.traditions[cohort[i].supplies[j].tradition()] += parts[j];
    }
  }
  return weights;
}

}  // namespace consort::coordinator
