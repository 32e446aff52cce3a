// What every process tells about itself, under the names that Prometheus's own client libraries use.
#ifndef CONSORT_COMMON_METRICS_PROCESS_BASICS_H_
#define CONSORT_COMMON_METRICS_PROCESS_BASICS_H_

#include <prometheus/collectable.h>

#include <vector>

namespace consort {

// Reads /proc/self at each scrape; a value that cannot be read is left out. Private to this folder.
// Thread-safe.
class ProcessBasics : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace consort

#endif  // CONSORT_COMMON_METRICS_PROCESS_BASICS_H_
