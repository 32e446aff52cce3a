#include "node/daemon/daemon.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/session/protocol.h"
#include "common/status/macros.h"
#include "node/state/state_files.h"
#include "spdlog/spdlog.h"
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

// Messages that have a row of their own in the egress journal.
bool HasOwnRow(const v1::Envelope& envelope) {
  return envelope.has_offer_answer() || envelope.has_contribution() || envelope.has_evaluation_report();
}

std::string JobOf(const v1::Envelope& envelope) {
  return envelope.has_train_task() ? envelope.train_task().job_id() : envelope.evaluate_task().job_id();
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

Daemon::Daemon(DaemonSettings settings, DaemonParts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      session_(parts_.streams, parts_.control, *this, Backoff(parts_.uniform)),
      witnessing_(parts_, session_,
                  {.on_facts = [this] { TakeFacts(); }, .on_raised = [this] { UpdateMetrics(); }}),
      outlet_(session_, parts_.signer, parts_.heads, parts_.incidents, parts_.control,
              [this](const std::string& entry, const std::string& receipt) {
                witnessing_.OnReceipt(entry, receipt);
              }),
      planning_(settings_, parts_, session_, outlet_, queue_),
      training_(settings_, parts_, session_, outlet_, queue_, planning_),
      evaluation_(parts_, session_, outlet_, queue_, planning_),
      staff_entries_(session_, parts_.control),
      rotation_(settings_, parts_, outlet_, witnessing_) {
  parts_.heads.Observe([this](const std::string& note) { witnessing_.OnHead(note); });
}

void Daemon::Start() {
  UpdateMetrics();
  ScheduleControlRow();
  planning_.ProbeTrainer();
  witnessing_.Start();
  session_.Start();
}

void Daemon::Stop() {
  session_.Stop();
  witnessing_.Stop();
  parts_.control.Cancel(control_timer_);
  parts_.control.Cancel(forgotten_timer_);
  training_.Stop();
  evaluation_.Stop();
  WriteControlRow();
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

// Any of the log's keys will do: two overlap while one follows the other.
bool Daemon::SpeaksForOurLedger(const v1::Welcome& welcome) const {
  const LedgerTrust& trust = settings_.trust;
  if (welcome.ledger_origin() != trust.origin || welcome.project() != trust.project) return false;
  return std::any_of(trust.log_keys.begin(), trust.log_keys.end(), [&welcome](const VerifierKey& key) {
    const std::string vkey = key.ToString();
    const auto& others = welcome.log_vkeys();
    return welcome.log_vkey() == vkey || std::find(others.begin(), others.end(), vkey) != others.end();
  });
}

absl::Status Daemon::OnWelcome(const v1::Welcome& welcome, bool resumed) {
  const LedgerTrust& trust = settings_.trust;
  if (!SpeaksForOurLedger(welcome)) {
    return absl::PermissionDeniedError(absl::StrCat(
        "the coordinator speaks for another ledger than the one this archive enrolled with; ask the "
        "federation's operator: found ",
        welcome.ledger_origin(), ", expected ", trust.origin));
  }
  spdlog::info("session {} {}", welcome.session_id(), resumed ? "resumed" : "started");
  const auto& capabilities = welcome.capabilities();
  const bool witnesses =
      std::find(capabilities.begin(), capabilities.end(), session::kCapabilityWitness) != capabilities.end();
  outlet_.OnWelcome(welcome.node_seq(), resumed, witnesses);
  witnessing_.OnWelcome(witnesses, resumed);
  if (witnesses && !resumed) rotation_.Ask();
  if (!resumed) {
    asked_.clear();
    parts_.control.Cancel(forgotten_timer_);
    forgotten_timer_ = parts_.control.PostAfter(kForgottenAfter, [this] { RetireForgotten(); });
  }
  UpdateMetrics();
  return absl::OkStatus();
}

void Daemon::OnMessage(const v1::Envelope& envelope) {
  switch (envelope.body_case()) {
    case v1::Envelope::kJobOffer:
      return planning_.OnOffer(envelope);
    case v1::Envelope::kRoundInvitation:
      return planning_.OnInvitation(envelope);
    case v1::Envelope::kTrainTask:
      asked_.insert(envelope.train_task().participation_id());
      return training_.OnTask(envelope);
    case v1::Envelope::kVerdict:
      return training_.OnVerdict(envelope.verdict());
    case v1::Envelope::kEvaluateTask:
      asked_.insert(envelope.evaluate_task().task_id());
      return evaluation_.OnTask(envelope);
    case v1::Envelope::kTaskCancelled:
      return Cancel(envelope.task_cancelled().id(), envelope.task_cancelled().reason());
    case v1::Envelope::kLedgerHead:
      return OnHead(envelope.ledger_head());
    case v1::Envelope::kWitnessRequest:
      return witnessing_.OnRequest(envelope);
    case v1::Envelope::kEntryOutcome:
      return OnOutcome(envelope.entry_outcome());
    case v1::Envelope::kKeyRevocation:
      return witnessing_.OnRevocation(envelope.key_revocation().envelope());
    case v1::Envelope::kJobEnded:
      return OnJobEnded(envelope.job_ended());
    default:
      // A newer coordinator may say more than we know; what it needs answered is guarded by capabilities.
      spdlog::warn("message of an unknown kind ignored");
  }
}

void Daemon::OnSent(const v1::Envelope& envelope) {
  const size_t bytes = envelope.ByteSizeLong();
  parts_.metrics.Add("consort_node_sent_bytes_total", {{"type", "session"}}, static_cast<double>(bytes));
  if (HasOwnRow(envelope)) return;
  ++control_messages_;
  control_bytes_ += bytes;
}

void Daemon::OnHead(const v1::LedgerHead& head) {
  const auto accepted = parts_.heads.Accept(head);
  if (!accepted.ok())
    spdlog::error("ledger checkpoint not accepted: {}", std::string(accepted.status().message()));
}

void Daemon::OnOutcome(const v1::EntryOutcome& outcome) {
  if (outcome.node_seq() > 0) return outlet_.OnOutcome(outcome);
  const std::string entry = staff_entries_.OnOutcome(outcome);
  if (!entry.empty() && outcome.logged()) witnessing_.OnReceipt(entry, outcome.receipt_envelope());
}

// What the mirror says of keys counts from here on: a rotation takes over, a revoked key is out.
void Daemon::TakeFacts() {
  const WitnessFacts& facts = witnessing_.facts();
  settings_.trust.log_keys = facts.log_keys;
  settings_.trust.coordinator_entry_keys = facts.coordinator_entry_keys;
  parts_.heads.SetLogKeys(facts.log_keys);
  UpdateMetrics();
}

absl::Status Daemon::ResolveIncident(const std::string& id, const std::string& decision,
                                     const std::string& by) {
  RETURN_IF_ERROR(witnessing_.Resolve(id, decision, by));
  UpdateMetrics();
  // What was refused meanwhile is asked for again in a new session.
  if (witnessing_.may_contribute()) session_.Reopen(/*fresh=*/true);
  return absl::OkStatus();
}

void Daemon::SubmitStaffEntry(const std::string& envelope, StaffEntries::Done done) {
  staff_entries_.Submit(envelope, witnessing_.facts().approval_keys, std::move(done));
}

void Daemon::OnJobEnded(const v1::JobEnded& ended) {
  spdlog::info("job {} ended: {} {}", ended.job_id(), v1::JobState_Name(ended.state()), ended.reason());
  planning_.OnJobEnded(ended.job_id());
  if (const absl::Status removed = parts_.tasks.RemoveSpare(); !removed.ok()) {
    spdlog::warn("a payload that was delivered is not removed: {}", std::string(removed.message()));
  }
  const auto ids = parts_.tasks.List();
  if (!ids.ok()) return;
  for (const std::string& id : *ids) {
    const auto stored = parts_.tasks.Read(id, Record::kTask);
    v1::Envelope task;
    if (!stored.ok() || !task.ParseFromString(*stored) || JobOf(task) != ended.job_id()) continue;
    Cancel(id, "its job has ended");
    asked_.erase(id);
    const absl::Status retired = queue_.Holds(id) ? absl::OkStatus() : parts_.tasks.Retire(id);
    if (!retired.ok()) spdlog::warn("files of {} not removed: {}", id, std::string(retired.message()));
  }
}

void Daemon::RetireForgotten() {
  const auto ids = parts_.tasks.List();
  if (!ids.ok()) return;
  for (const std::string& id : *ids) {
    if (asked_.count(id) > 0 || queue_.Holds(id) || !parts_.tasks.Has(id, Record::kTask)) continue;
    spdlog::info("task {} is no longer asked for: its files go", id);
    const absl::Status retired = parts_.tasks.Retire(id);
    if (!retired.ok()) spdlog::warn("files of {} not removed: {}", id, std::string(retired.message()));
  }
}

void Daemon::Cancel(const std::string& id, const std::string& reason) {
  training_.Cancel(id, reason);
  evaluation_.Cancel(id, reason);
}

void Daemon::WriteControlRow() {
  if (control_messages_ == 0) return;
  JournalRow row;
  row.unix_millis = absl::ToUnixMillis(parts_.control.WallClock());
  row.type = kRowControl;
  row.messages = std::exchange(control_messages_, 0);
  row.bytes = std::exchange(control_bytes_, 0);
  const absl::Status written = parts_.journal.Append(std::move(row));
  if (written.ok()) return;
  // What cannot be journaled may not leave: no session until a person has looked at the disk.
  spdlog::critical("egress journal not written; the session ends: {}", std::string(written.message()));
  session_.Stop();
}

void Daemon::ScheduleControlRow() {
  control_timer_ = parts_.control.PostAfter(kControlRowEvery, [this] {
    WriteControlRow();
    ScheduleControlRow();
  });
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
