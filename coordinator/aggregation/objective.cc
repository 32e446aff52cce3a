#include "coordinator/aggregation/objective.h"

#include <algorithm>
#include <cmath>

namespace consort::coordinator {
namespace {

using Factors = std::map<std::string, double>;

// Beyond this a tradition would be all that counts, and its multiplier would take rounds to come down again.
const double kLargestLogFactor = std::log(10.0);

// How much better than under the base model a tradition must do on what it is trained on before it counts as
// not harmed: recordings that were not heard gain less, in our trials by 2 to 4 of 100 (docs/models.md).
constexpr double kNoHarmMargin = 0.03;

double FactorOf(const Factors& factors, const std::string& name) {
  if (factors.empty()) return 1;
  const auto found = factors.find(name);
  if (found != factors.end()) return found->second;
  double sum = 0;
  for (const auto& [unused, factor] : factors) sum += factor;
  return sum / static_cast<double>(factors.size());
}

double MeanOf(const std::map<std::string, double>& losses) {
  double sum = 0;
  for (const auto& [unused, loss] : losses) sum += loss;
  return sum / static_cast<double>(losses.size());
}

// Of each tradition, the mean over the archives that told one.
std::map<std::string, double> LossesOfRound(const std::vector<ArchiveLosses>& round) {
  std::map<std::string, double> sums;
  std::map<std::string, int> counts;
  for (const ArchiveLosses& archive : round) {
    for (const auto& [tradition, loss] : archive.by_tradition) {
      sums[tradition] += loss;
      ++counts[tradition];
    }
  }
  for (auto& [tradition, loss] : sums) loss /= counts[tradition];
  return sums;
}

// One factor for the largest loss, less for the others; all the same if none is above 0.
Factors PowersOf(const std::map<std::string, double>& losses, double exponent) {
  double largest = 0;
  for (const auto& [unused, loss] : losses) largest = std::max(largest, loss);
  Factors factors;
  for (const auto& [name, loss] : losses)
    factors[name] = largest > 0 ? std::pow(loss / largest, exponent) : 1;
  return factors;
}

Factors FairFactors(const LossHistory& history, double fairness) {
  std::map<std::string, double> newest;
  for (const std::vector<ArchiveLosses>& round : history) {
    for (const ArchiveLosses& archive : round) newest[archive.archive] = MeanOf(archive.by_tradition);
  }
  return PowersOf(newest, fairness);
}

Factors MinimaxFactors(const LossHistory& history, double rate) {
  std::map<std::string, double> first;
  std::map<std::string, double> exponents;
  for (const std::vector<ArchiveLosses>& round : history) {
    for (const auto& [tradition, loss] : LossesOfRound(round)) {
      const double start = first.emplace(tradition, loss).first->second;
      exponents[tradition] += rate * (start > 0 ? loss / start : 1);
    }
  }
  double largest = 0;
  for (const auto& [unused, exponent] : exponents) largest = std::max(largest, exponent);
  for (auto& [unused, exponent] : exponents) exponent = std::exp(exponent - largest);
  return exponents;
}

Factors NoHarmFactors(const LossHistory& history, double rate) {
  std::map<std::string, double> first;
  Factors factors;  // in their logarithm until the end
  for (const std::vector<ArchiveLosses>& round : history) {
    for (const auto& [tradition, loss] : LossesOfRound(round)) {
      const double start = first.emplace(tradition, loss).first->second;
      double& factor = factors[tradition];
      if (start > 0)
        factor = std::clamp(factor + rate * (loss / start - 1 + kNoHarmMargin), 0.0, kLargestLogFactor);
    }
  }
  for (auto& [unused, factor] : factors) factor = std::exp(factor);
  return factors;
}

}  // namespace

double ObjectiveFactors::Of(const std::string& archive, const std::string& tradition) const {
  return FactorOf(archives, archive) * FactorOf(traditions, tradition);
}

ObjectiveFactors FactorsOf(const v1::JobSpec& spec, const LossHistory& history) {
  ObjectiveFactors factors;
  if (spec.objective() == v1::OBJECTIVE_Q_FAIR) factors.archives = FairFactors(history, spec.fairness());
  if (spec.objective() == v1::OBJECTIVE_MINIMAX) {
    factors.traditions = MinimaxFactors(history, spec.minimax_rate());
  }
  if (spec.objective() == v1::OBJECTIVE_NO_HARM) {
    factors.traditions = NoHarmFactors(history, spec.minimax_rate());
  }
  return factors;
}

std::string RevealedBy(v1::Objective objective) {
  if (objective == v1::OBJECTIVE_Q_FAIR) return "loss-of-each-archive";
  if (objective == v1::OBJECTIVE_MINIMAX || objective == v1::OBJECTIVE_NO_HARM)
    return "loss-of-each-tradition-of-each-archive";
  return "";
}

}  // namespace consort::coordinator
