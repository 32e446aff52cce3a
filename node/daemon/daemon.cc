#include "node/daemon/daemon.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/session/protocol.h"
#include "common/status/macros.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

// Messages that have a row of their own in the egress journal.
bool HasOwnRow(const v1::Envelope& envelope) {
  return envelope.has_offer_answer() || envelope.has_contribution() || envelope.has_evaluation_report();
}

std::string JobOf(const v1::Envelope& envelope) {
  return envelope.has_train_task() ? envelope.train_task().job_id() : envelope.evaluate_task().job_id();
}

}  // namespace

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

}  // namespace consort::node
