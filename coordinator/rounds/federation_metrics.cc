#include "coordinator/rounds/federation_metrics.h"

#include <vector>

namespace consort::coordinator {
namespace {

constexpr char kRounds[] = "consort_rounds_total";
constexpr char kPhaseSeconds[] = "consort_round_phase_seconds";
constexpr char kUpdates[] = "consort_updates_total";
constexpr char kTransferred[] = "consort_transferred_bytes_total";
constexpr char kNodeSeen[] = "consort_node_last_seen_timestamp_seconds";
constexpr char kNodeShare[] = "consort_node_weight_share_ratio";
constexpr char kConnected[] = "consort_connected_nodes";
constexpr char kLedgerEntries[] = "consort_ledger_entries";
constexpr char kLedgerSealed[] = "consort_ledger_sealed_entries";
constexpr char kLedgerSealedTime[] = "consort_ledger_sealed_timestamp_seconds";
constexpr char kArtifactBytes[] = "consort_artifact_bytes";

// From a null round on loopback to a day of training behind a slow link.
const std::vector<double>& PhaseBounds() {
  static const auto& bounds = *new std::vector<double>{0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400};
  return bounds;
}

}  // namespace

FederationMetrics::FederationMetrics(MetricsRegistry& registry) : registry_(registry) {
  registry_.DeclareCounter(kRounds, "Rounds that ended, by outcome.");
  registry_.DeclareHistogram(kPhaseSeconds, "Length of the phases of a round, in seconds.", PhaseBounds());
  registry_.DeclareCounter(kUpdates, "Updates that were decided on, by outcome and reason code.");
  registry_.DeclareCounter(kTransferred, "Payload bytes of bulk transfers, by direction.");
  registry_.DeclareGauge(kNodeSeen, "When an archive's node was last heard of, in seconds since the epoch.");
  registry_.DeclareGauge(kNodeShare, "An archive's share of the weight of the newest cohort it was in.");
  registry_.DeclareGauge(kConnected, "Archives with a session.");
  registry_.DeclareGauge(kLedgerEntries, "Entries in the ledger, sealed or not.");
  registry_.DeclareGauge(kLedgerSealed, "Entries that the newest signed checkpoint covers.");
  registry_.DeclareGauge(kLedgerSealedTime,
                         "When the newest checkpoint was signed, in seconds since the epoch.");
  registry_.DeclareGauge(kArtifactBytes, "Bytes of all stored artifacts.");
  // Series that should be there before the first event, so that rates and alerts work from the start.
  for (const char* outcome : {"closed", "abandoned"}) registry_.Add(kRounds, {{"outcome", outcome}}, 0);
  for (const char* direction : {"received", "sent"})
    registry_.Add(kTransferred, {{"direction", direction}}, 0);
  SetConnectedNodes(0);
}

void FederationMetrics::RoundEnded(absl::string_view outcome) {
  registry_.Add(kRounds, {{"outcome", std::string(outcome)}}, 1);
}

void FederationMetrics::PhaseEnded(absl::string_view phase, absl::Duration took) {
  registry_.Observe(kPhaseSeconds, {{"phase", std::string(phase)}}, absl::ToDoubleSeconds(took));
}

void FederationMetrics::UpdateDecided(bool accepted, absl::string_view reason_code) {
  registry_.Add(kUpdates,
                {{"outcome", accepted ? "accepted" : "refused"}, {"reason", std::string(reason_code)}}, 1);
}

void FederationMetrics::BytesReceived(uint64_t bytes) {
  registry_.Add(kTransferred, {{"direction", "received"}}, static_cast<double>(bytes));
}

void FederationMetrics::BytesSent(uint64_t bytes) {
  registry_.Add(kTransferred, {{"direction", "sent"}}, static_cast<double>(bytes));
}

void FederationMetrics::NodeSeen(absl::string_view archive, absl::Time when) {
  registry_.Set(kNodeSeen, {{"archive", std::string(archive)}},
                absl::ToDoubleSeconds(when - absl::UnixEpoch()));
}

void FederationMetrics::NodeShare(absl::string_view archive, double share) {
  registry_.Set(kNodeShare, {{"archive", std::string(archive)}}, share);
}

void FederationMetrics::SetConnectedNodes(size_t count) {
  registry_.Set(kConnected, {}, static_cast<double>(count));
}

void FederationMetrics::SetLedger(uint64_t durable_entries, uint64_t sealed_entries, absl::Time sealed) {
  registry_.Set(kLedgerEntries, {}, static_cast<double>(durable_entries));
  registry_.Set(kLedgerSealed, {}, static_cast<double>(sealed_entries));
  registry_.Set(kLedgerSealedTime, {}, absl::ToDoubleSeconds(sealed - absl::UnixEpoch()));
}

void FederationMetrics::SetArtifactBytes(uint64_t bytes) {
  registry_.Set(kArtifactBytes, {}, static_cast<double>(bytes));
}

}  // namespace consort::coordinator
