#include "node/trainer/descriptors/distribution.h"

#include <algorithm>
#include <cmath>

namespace consort::trainer {

void Distribution::Add(double value) {
  if (std::isnan(value)) return;
  least_ = count_ == 0 ? value : std::min(least_, value);
  greatest_ = count_ == 0 ? value : std::max(greatest_, value);
  ++count_;
  const double away = value - mean_;
  mean_ += away / static_cast<double>(count_);
  squares_ += away * (value - mean_);
  const auto steps = static_cast<double>(counts_.size());
  const double step = std::floor((value - low_) / (high_ - low_) * steps);
  ++counts_[static_cast<size_t>(std::clamp(step, 0.0, steps - 1))];
}

double Distribution::Quantile(double q) const {
  const double wanted = q * static_cast<double>(count_);
  const double width = (high_ - low_) / static_cast<double>(counts_.size());
  double before = 0;
  for (size_t step = 0; step < counts_.size(); ++step) {
    const auto here = static_cast<double>(counts_[step]);
    if (here > 0 && before + here >= wanted) {
      const double value = low_ + width * (static_cast<double>(step) + (wanted - before) / here);
      return std::clamp(value, least_, greatest_);
    }
    before += here;
  }
  return greatest_;
}

Statistics Distribution::Summary() const {
  if (count_ == 0) return {};
  return {count_,         mean_,          std::sqrt(squares_ / static_cast<double>(count_)),
          Quantile(0.05), Quantile(0.25), Quantile(0.5),
          Quantile(0.75), Quantile(0.95)};
}

}  // namespace consort::trainer
