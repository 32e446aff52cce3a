#include "common/metrics/registry.h"

#include <prometheus/text_serializer.h>

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "common/metrics/registry_state.h"

namespace consort {
namespace {

// A broken invariant of our own: which series exist is decided by code, never by bytes from outside.
[[noreturn]] void AbortOver(const std::string& name, const char* what) {
  std::fprintf(stderr, "metric %s: %s\n", name.c_str(), what);
  std::abort();
}

template <class Map>
typename Map::mapped_type Find(std::mutex& mutex, const Map& map, const std::string& name) {
  const std::lock_guard lock(mutex);
  const auto found = map.find(name);
  if (found == map.end()) AbortOver(name, "used before it was declared");
  return found->second;
}

}  // namespace

MetricsRegistry::MetricsRegistry() : state_(std::make_shared<State>()) {}
MetricsRegistry::~MetricsRegistry() = default;

void MetricsRegistry::DeclareCounter(const std::string& name, const std::string& help) {
  const std::lock_guard lock(state_->mutex);
  state_->counters[name] = &prometheus::BuildCounter().Name(name).Help(help).Register(*state_->registry);
}

void MetricsRegistry::DeclareGauge(const std::string& name, const std::string& help) {
  const std::lock_guard lock(state_->mutex);
  state_->gauges[name] = &prometheus::BuildGauge().Name(name).Help(help).Register(*state_->registry);
}

void MetricsRegistry::DeclareHistogram(const std::string& name, const std::string& help,
                                       const std::vector<double>& bounds) {
  const std::lock_guard lock(state_->mutex);
  state_->histograms[name] = {&prometheus::BuildHistogram().Name(name).Help(help).Register(*state_->registry),
                              bounds};
}

void MetricsRegistry::Add(const std::string& counter, const Labels& labels, double amount) {
  if (amount < 0) AbortOver(counter, "a counter cannot fall");
  Find(state_->mutex, state_->counters, counter)->Add(labels).Increment(amount);
}

void MetricsRegistry::Set(const std::string& gauge, const Labels& labels, double value) {
  Find(state_->mutex, state_->gauges, gauge)->Add(labels).Set(value);
}

void MetricsRegistry::Observe(const std::string& histogram, const Labels& labels, double value) {
  const State::Buckets buckets = Find(state_->mutex, state_->histograms, histogram);
  buckets.family->Add(labels, buckets.bounds).Observe(value);
}

std::string MetricsRegistry::Render() const {
  std::vector<prometheus::MetricFamily> families = state_->registry->Collect();
  std::vector<prometheus::MetricFamily> process = state_->process->Collect();
  families.insert(families.end(), std::make_move_iterator(process.begin()),
                  std::make_move_iterator(process.end()));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace consort
