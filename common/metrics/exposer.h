// Serves a registry to a Prometheus on the same machine: plain HTTP, loopback only.
#ifndef CONSORT_COMMON_METRICS_EXPOSER_H_
#define CONSORT_COMMON_METRICS_EXPOSER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/metrics/registry.h"

namespace consort {

// Threads of its own; ends with the object. Not for processes that link LibTorch: its static TLS breaks
// CivetWeb's small thread stacks.
class MetricsExposer {
 public:
  // `listen`: "127.0.0.1:9464" or "[::1]:9464"; port 0 takes a free one. The path is /metrics. `registry`
  // borrowed. Errors: InvalidArgument for an address that is not loopback, a missing port, or anything that
  // CivetWeb would read as an option (a trailing "s" turns on TLS, which crashes Debian's build); Unavailable
  // if the port is taken.
  static absl::StatusOr<std::unique_ptr<MetricsExposer>> Start(const MetricsRegistry& registry,
                                                               absl::string_view listen);
  ~MetricsExposer();

  int port() const;

 private:
  struct State;
  explicit MetricsExposer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_METRICS_EXPOSER_H_
