// What the coordinator tells Prometheus. Never labelled by round, recording or digest.
#ifndef CONSORT_COORDINATOR_ROUNDS_FEDERATION_METRICS_H_
#define CONSORT_COORDINATOR_ROUNDS_FEDERATION_METRICS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/metrics/registry.h"

namespace consort::coordinator {

// Thread-safe, as the registry is. Borrowed by the engine, the sessions and the transfer service.
class FederationMetrics {
 public:
  explicit FederationMetrics(MetricsRegistry& registry);  // borrowed

  void RoundEnded(absl::string_view outcome);  // closed, abandoned
  void PhaseEnded(absl::string_view phase,
                  absl::Duration took);  // recruiting, training, aggregating, evaluating, round
  void UpdateDecided(bool accepted, absl::string_view reason_code);  // reason: a code, never free text
  void BytesReceived(uint64_t bytes);                                // bulk payload from nodes and people
  void BytesSent(uint64_t bytes);
  void NodeSeen(absl::string_view archive, absl::Time when);
  void NodeShare(absl::string_view archive, double share);  // of the weight of the newest cohort, 0 to 1
  void SetConnectedNodes(size_t count);
  void SetLedger(uint64_t durable_entries, uint64_t sealed_entries, absl::Time sealed);
  void SetArtifactBytes(uint64_t bytes);

 private:
  MetricsRegistry& registry_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_FEDERATION_METRICS_H_
