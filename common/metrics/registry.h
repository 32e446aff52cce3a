// Numbers for Prometheus: counters, gauges and histograms by name and labels, and the text they are scraped
// as. prometheus-cpp stays behind this header.
#ifndef CONSORT_COMMON_METRICS_REGISTRY_H_
#define CONSORT_COMMON_METRICS_REGISTRY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace consort {

// Thread-safe. A family is declared once, with its help text; a name that was not declared, or was declared
// as another type, is our own mistake and ends the process. Names end in their unit; counters in `_total`.
class MetricsRegistry {
 public:
  using Labels = std::map<std::string, std::string>;

  // Comes with the process basics: resident and virtual bytes, CPU seconds, start time, open descriptors,
  // threads.
  MetricsRegistry();
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  void DeclareCounter(const std::string& name, const std::string& help);
  void DeclareGauge(const std::string& name, const std::string& help);
  // `bounds`: upper bounds of the buckets, growing.
  void DeclareHistogram(const std::string& name, const std::string& help, const std::vector<double>& bounds);

  void Add(const std::string& counter, const Labels& labels, double amount);  // amount >= 0
  void Set(const std::string& gauge, const Labels& labels, double value);
  void Observe(const std::string& histogram, const Labels& labels, double value);

  // Everything in the Prometheus text format 0.0.4.
  std::string Render() const;

 private:
  friend class MetricsExposer;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_METRICS_REGISTRY_H_
