// What is behind MetricsRegistry. Private to this folder: it names prometheus-cpp's types.
#ifndef CONSORT_COMMON_METRICS_REGISTRY_STATE_H_
#define CONSORT_COMMON_METRICS_REGISTRY_STATE_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/metrics/process_basics.h"
#include "common/metrics/registry.h"

namespace consort {

struct MetricsRegistry::State {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::shared_ptr<ProcessBasics> process = std::make_shared<ProcessBasics>();

  std::mutex mutex;  // guards the maps; the families guard themselves
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
  struct Buckets {
    prometheus::Family<prometheus::Histogram>* family = nullptr;
    std::vector<double> bounds;
  };
  std::map<std::string, Buckets> histograms;
};

}  // namespace consort

#endif  // CONSORT_COMMON_METRICS_REGISTRY_STATE_H_
