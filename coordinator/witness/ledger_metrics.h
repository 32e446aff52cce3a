// What the coordinator tells Prometheus about its witnesses.
#ifndef CONSORT_COORDINATOR_WITNESS_LEDGER_METRICS_H_
#define CONSORT_COORDINATOR_WITNESS_LEDGER_METRICS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "common/metrics/registry.h"

namespace consort::coordinator {

// Thread-safe, as the registry is.
class LedgerMetrics {
 public:
  explicit LedgerMetrics(MetricsRegistry& registry);  // borrowed

  void SetWitnessed(uint64_t size, int64_t unix_seconds);
  void CountCosignature(absl::string_view archive);
  void SetHold(bool held);
  void CountIncident(absl::string_view kind);  // a kind of the ledger entry `incident`

 private:
  MetricsRegistry& registry_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_WITNESS_LEDGER_METRICS_H_
