// How the values of a descriptor are spread, in memory that does not grow with their number.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_DISTRIBUTION_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_DISTRIBUTION_H_

#include <cstdint>
#include <vector>

namespace consort::trainer {

struct Statistics {
  int64_t count = 0;  // of the frames that have a value; without any the rest is 0
  double mean = 0;
  double standard_deviation = 0;                       // of the values themselves: divided by count
  double p05 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0;  // quantiles, exact to one step of the histogram
};

// Counts values in equal steps from `low` to `high`; those outside count for the outermost. Not thread-safe.
class Distribution {
 public:
  Distribution(double low, double high, int steps) : low_(low), high_(high), counts_(steps) {}

  // NaN, which stands for no value, is left out.
  void Add(double value);
  // Mean and standard deviation by Welford 1962; a quantile q is where the count reaches q * count, evenly
  // within a step.
  Statistics Summary() const;

 private:
  double Quantile(double q) const;

  double low_, high_;
  std::vector<int64_t> counts_;
  int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of the distances from the mean
  double least_ = 0, greatest_ = 0;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_DISTRIBUTION_H_
