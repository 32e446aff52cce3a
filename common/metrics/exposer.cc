#include "common/metrics/exposer.h"

#include <prometheus/exposer.h>

#include <exception>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/metrics/listen_address.h"
#include "common/metrics/registry_state.h"
#include "common/status/macros.h"

namespace consort {
namespace {

// One scrape at a time and one to spare: only the Prometheus of this machine calls.
constexpr size_t kThreads = 2;

}  // namespace

struct MetricsExposer::State {
  std::shared_ptr<MetricsRegistry::State> registry;
  std::unique_ptr<prometheus::Exposer> exposer;
};

MetricsExposer::MetricsExposer(std::unique_ptr<State> state) : state_(std::move(state)) {}
MetricsExposer::~MetricsExposer() = default;

absl::StatusOr<std::unique_ptr<MetricsExposer>> MetricsExposer::Start(const MetricsRegistry& registry,
                                                                      absl::string_view listen) {
  RETURN_IF_ERROR(CheckMetricsAddress(listen));
  auto state = std::make_unique<State>();
  state->registry = registry.state_;
  try {
    state->exposer = std::make_unique<prometheus::Exposer>(std::string(listen), kThreads);
    state->exposer->RegisterCollectable(std::weak_ptr<prometheus::Collectable>(state->registry->registry));
    state->exposer->RegisterCollectable(std::weak_ptr<prometheus::Collectable>(state->registry->process));
  } catch (const std::exception& problem) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve metrics; stop the program that has the address or set another [metrics] "
                     "listen (\"\" for none): ",
                     listen, ": ", problem.what()));
  }
  return std::unique_ptr<MetricsExposer>(new MetricsExposer(std::move(state)));
}

int MetricsExposer::port() const {
  const std::vector<int> ports = state_->exposer->GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace consort
