// What the daemon says of itself: to staff, to the coordinator, and as metrics.
#include <algorithm>
#include <fstream>
#include <utility>

#include "node/daemon/daemon.h"
#include "node/state/state_files.h"
#include "unistd.h"

namespace consort::node {
namespace {

uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t pages = 0;
  uint64_t resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

const char* WordOf(Session::State state) {
  switch (state) {
    case Session::State::kConnected:
      return "connected";
    case Session::State::kRefused:
      return "refused";
    case Session::State::kConnecting:
    case Session::State::kStopped:
      break;
  }
  return "connecting";
}

}  // namespace

void DeclareNodeMetrics(MetricsRegistry& metrics) {
  metrics.DeclareCounter("consort_node_sent_bytes_total",
                         "Bytes that left this archive, by journal row type");
  metrics.DeclareCounter("consort_node_contributions_total", "Contributions by the coordinator's verdict");
  metrics.DeclareCounter("consort_node_task_failures_total", "Tasks that failed here, by code");
  metrics.DeclareGauge("consort_node_connected", "1 while the session with the coordinator is up");
  metrics.DeclareGauge("consort_node_tasks", "Tasks queued or running");
  metrics.DeclareGauge("consort_node_journal_rows", "Rows of the egress journal");
  metrics.DeclareGauge("consort_node_ledger_size", "Size of the newest ledger checkpoint proved consistent");
  metrics.DeclareGauge("consort_node_mirror_size", "Ledger entries that were checked and are kept here");
  metrics.DeclareGauge("consort_node_ledger_incidents",
                       "Open incidents against the ledger: above 0 this archive does not contribute");
  metrics.DeclareCounter("consort_node_witness_requests_total",
                         "Requests to cosign a checkpoint, by the status of our answer");
  metrics.DeclareGauge("consort_node_certificate_not_after_timestamp_seconds",
                       "When the TLS certificate in use ends");
  metrics.DeclareGauge("consort_node_last_verdict_timestamp_seconds",
                       "When the last contribution was judged");
}

v1::NodeStatus Daemon::Status() const {
  v1::NodeStatus status;
  status.set_archive(settings_.trust.archive);
  status.set_federation(settings_.federation);
  status.set_coordinator_address(settings_.coordinator_address);
  status.set_connection(WordOf(session_.state()));
  status.set_last_error(session_.last_error());
  status.set_session_id(session_.session_id());
  if (session_.connected())
    status.set_connected_since_unix_seconds(absl::ToUnixSeconds(session_.connected_since()));
  for (const std::string& id : queue_.Ids()) status.add_running_tasks(id);
  status.set_journal_rows(parts_.journal.rows());
  status.set_bytes_sent_total(parts_.journal.bytes_total());
  status.set_ledger_checkpoint(parts_.heads.newest_note());
  witnessing_.Describe(status);
  return status;
}

void Daemon::FillHello(v1::NodeHello& hello) {
  hello.set_software_version(settings_.software_version);
  for (const std::string& capability : settings_.capabilities) hello.add_capabilities(capability);
  hello.set_node_seq(parts_.signer.last());
  hello.set_head_size(parts_.heads.newest().size);
  const WitnessFacts& facts = witnessing_.facts();
  const bool head_is_newest = parts_.heads.newest().size >= facts.witness_size;
  hello.set_newest_checkpoint(head_is_newest ? parts_.heads.newest_note() : facts.witness_note);
  hello.set_newest_receipt(facts.newest_receipt);
  hello.set_witness_size(facts.witness_size);
  hello.set_incident(parts_.incidents.OpenId());
  for (std::string& job_id : planning_.OpenJobs()) hello.add_open_jobs(std::move(job_id));
}

v1::NodeHealth Daemon::Health() {
  UpdateMetrics();
  v1::NodeHealth health;
  health.set_trainer_ready(planning_.trainer_ready());
  health.set_resident_bytes(ResidentBytes());
  health.set_free_disk_bytes(FreeDiskBytes(settings_.state_directory));
  health.set_tasks_running(static_cast<uint32_t>(queue_.size()));
  health.set_bytes_sent_total(parts_.journal.bytes_total());
  health.set_mirror_size(witnessing_.facts().mirror_size);
  health.set_incident(parts_.incidents.OpenId());
  return health;
}

void Daemon::UpdateMetrics() {
  parts_.metrics.Set("consort_node_connected", {}, session_.connected() ? 1 : 0);
  parts_.metrics.Set("consort_node_tasks", {}, static_cast<double>(queue_.size()));
  parts_.metrics.Set("consort_node_journal_rows", {}, static_cast<double>(parts_.journal.rows()));
  parts_.metrics.Set("consort_node_ledger_size", {}, static_cast<double>(parts_.heads.newest().size));
  parts_.metrics.Set("consort_node_mirror_size", {}, static_cast<double>(witnessing_.facts().mirror_size));
  const std::vector<Incident> incidents = parts_.incidents.List();
  const auto open = std::count_if(incidents.begin(), incidents.end(),
                                  [](const Incident& incident) { return incident.open(); });
  parts_.metrics.Set("consort_node_ledger_incidents", {}, static_cast<double>(open));
}

}  // namespace consort::node
