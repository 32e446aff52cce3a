#include "coordinator/witness/ledger_metrics.h"

#include <string>

namespace consort::coordinator {
namespace {

constexpr char kSize[] = "consort_ledger_witnessed_size";
constexpr char kTime[] = "consort_ledger_witnessed_timestamp_seconds";
constexpr char kCosignatures[] = "consort_ledger_cosignatures_total";
constexpr char kHold[] = "consort_ledger_hold";
constexpr char kIncidents[] = "consort_ledger_incidents_total";

}  // namespace

LedgerMetrics::LedgerMetrics(MetricsRegistry& registry) : registry_(registry) {
  registry_.DeclareGauge(kSize,
                         "Entries under the newest checkpoint that a quorum of witnesses has cosigned.");
  registry_.DeclareGauge(kTime, "When that quorum was complete, in seconds since the epoch.");
  registry_.DeclareCounter(kCosignatures, "Cosignatures that were received and checked, by archive.");
  registry_.DeclareGauge(kHold, "1 while the ledger signs no checkpoint.");
  registry_.DeclareCounter(kIncidents, "Incidents that are known, resolved or not, by kind.");
  SetWitnessed(0, 0);
  SetHold(false);
}

void LedgerMetrics::SetWitnessed(uint64_t size, int64_t unix_seconds) {
  registry_.Set(kSize, {}, static_cast<double>(size));
  registry_.Set(kTime, {}, static_cast<double>(unix_seconds));
}

void LedgerMetrics::CountCosignature(absl::string_view archive) {
  registry_.Add(kCosignatures, {{"archive", std::string(archive)}}, 1);
}

void LedgerMetrics::SetHold(bool held) { registry_.Set(kHold, {}, held ? 1 : 0); }

void LedgerMetrics::CountIncident(absl::string_view kind) {
  registry_.Add(kIncidents, {{"kind", std::string(kind)}}, 1);
}

}  // namespace consort::coordinator
