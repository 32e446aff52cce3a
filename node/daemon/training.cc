#include "node/daemon/training.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "common/update/manifest_turn.h"
#include "node/daemon/failure.h"
#include "node/daemon/task_report.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

JournalRow RowOf(const char* type, const v1::TrainTask& task, uint64_t bytes, std::string digest,
                 absl::Time now) {
  JournalRow row;
  row.unix_millis = absl::ToUnixMillis(now);
  row.type = type;
  row.bytes = bytes;
  row.digest = std::move(digest);
  row.job_id = task.job_id();
  row.round_id = task.round_id();
  return row;
}

absl::Status Policy(absl::string_view why) {
  return FailureStatus(absl::StatusCode::kFailedPrecondition, kFailurePolicy, why);
}

}  // namespace

Training::Training(const DaemonSettings& settings, DaemonParts& parts, Session& session, EntryOutlet& outlet,
                   WorkQueue& queue, const Planning& planning)
    : settings_(settings),
      parts_(parts),
      session_(session),
      outlet_(outlet),
      queue_(queue),
      planning_(planning) {}

void Training::OnTask(const v1::Envelope& envelope) {
  const v1::TrainTask& task = envelope.train_task();
  const std::string& id = task.participation_id();
  if (const absl::Status usable = TaskStore::CheckId(id); !usable.ok()) {
    spdlog::error("training task ignored: {}", std::string(usable.message()));
    return;
  }
  if (SendStoredFailure(parts_.tasks, id, session_)) return;
  const absl::Status checked = Check(task);
  if (absl::IsUnavailable(checked)) return;  // the session begins anew and brings the task again
  if (!checked.ok()) return Fail(id, checked);
  if (running_.count(id) > 0) return;
  if (const absl::Status stored = parts_.tasks.Write(id, Record::kTask, envelope.SerializeAsString());
      !stored.ok()) {
    return Fail(id, stored);
  }
  auto running = std::make_shared<RunningTask>();
  running->deadline = parts_.control.PostAfter(absl::Milliseconds(task.deadline_millis()),
                                               [this, id] { Cancel(id, "the round's deadline has passed"); });
  running_.emplace(id, std::move(running));
  if (const absl::Status queued = queue_.Add(id, [this, task] { Start(task); }); !queued.ok())
    Fail(id, queued);
}

// Errors: with the failure's code; Unavailable when the ledger's proof starts elsewhere and a fresh session
// was asked.
absl::Status Training::Check(const v1::TrainTask& task) {
  RETURN_IF_ERROR(CheckNoIncident(parts_.incidents));
  RETURN_IF_ERROR(CheckApproved(task));
  const auto head = parts_.heads.Accept(task.head());
  if (absl::IsFailedPrecondition(head.status()) && unproved_.insert(task.participation_id()).second) {
    spdlog::warn("asking for another proof: {}", std::string(head.status().message()));
    session_.Reopen(/*fresh=*/true);
    return absl::UnavailableError("the session begins anew");
  }
  const auto refused = [](const absl::Status& status, const char* code) {
    return FailureStatus(absl::StatusCode::kDataLoss, code, status.message());
  };
  if (absl::IsFailedPrecondition(head.status())) return refused(head.status(), kFailureLedgerUnproved);
  if (absl::IsResourceExhausted(head.status()) || absl::IsInternal(head.status())) return head.status();
  if (!head.ok()) return refused(head.status(), kFailureLedger);
  const absl::Status opened = CheckRoundOpen(task, *head, settings_.trust);
  return opened.ok() ? opened : refused(opened, kFailureLedger);
}

// The same rules as when the job was approved, at the moment of use: the archive may have changed them since.
absl::Status Training::CheckApproved(const v1::TrainTask& task) const {
  ASSIGN_OR_RETURN(const ApprovedJob job, planning_.ApprovedPlan(task.job_id()));
  const v1::Plan& plan = job.plan;
  if (Sha256Hex(task.spec()) != plan.job_digest())
    return Policy("the task's job is not the one that was approved");
  v1::JobSpec spec;
  if (!spec.ParseFromString(task.spec())) return Policy("the task's job does not parse");
  const PolicyDecision decision = Decide(settings_.policy, spec, plan);
  if (!decision.approved)
    return Policy(absl::StrCat("the standing policy no longer allows the job: ", decision.reason));
  const std::optional<size_t> turn = ManifestTurn(static_cast<size_t>(plan.manifest_digests_size()),
                                                  spec.latent_analysis(), task.number(), spec.rounds());
  if (!turn.has_value() || plan.manifest_digests(static_cast<int>(*turn)) != Sha256Hex(task.manifest())) {
    return Policy("the task's manifest is not the one of the approved plan whose turn it is");
  }
  return absl::OkStatus();
}

void Training::Start(const v1::TrainTask& task) {
  const auto running = running_.at(task.participation_id());
  parts_.worker.Post([this, task, running, report = Reporter()] {
    auto payload = parts_.work.Train(task, running->cancellation, report);
    parts_.control.Post([this, task, payload = std::move(payload)] { OnTrained(task, payload); });
  });
}

void Training::OnTrained(const v1::TrainTask& task, const absl::StatusOr<PayloadFacts>& payload) {
  const std::string& id = task.participation_id();
  const auto running = running_.at(id);
  if (running->called_off) return End(id);
  if (!payload.ok()) return Fail(id, payload.status());
  if (const absl::Status clear = CheckNoIncident(parts_.incidents); !clear.ok()) return Fail(id, clear);
  // The row stands before the first byte leaves, also when a restart sends the rest of a payload.
  const absl::Status journaled = parts_.journal.AppendOnce(
      RowOf(kRowUpdate, task, payload->bytes, payload->digest, parts_.control.WallClock()));
  if (!journaled.ok()) return Fail(id, journaled);
  parts_.worker.Post([this, task, payload = *payload, running, report = Reporter()] {
    absl::Status uploaded = parts_.work.Upload(task, payload, running->cancellation, report);
    parts_.control.Post([this, task, payload, uploaded] { OnUploaded(task, payload, uploaded); });
  });
}

void Training::OnUploaded(const v1::TrainTask& task, const PayloadFacts& payload,
                          const absl::Status& uploaded) {
  const std::string& id = task.participation_id();
  if (running_.at(id)->called_off) return End(id);
  if (!uploaded.ok()) return Fail(id, uploaded);
  parts_.metrics.Add("consort_node_sent_bytes_total", {{"type", kRowUpdate}},
                     static_cast<double>(payload.bytes));
  Contribute(task, payload);
  End(id);
}

void Training::Contribute(const v1::TrainTask& task, const PayloadFacts& payload) {
  const std::string& id = task.participation_id();
  outlet_.Submit({.store = &parts_.tasks,
                  .id = id,
                  .awaits_verdict = true,
                  .draft = [this, task, payload]() -> absl::StatusOr<EntryDraft> {
                    ASSIGN_OR_RETURN(const ApprovedJob job, planning_.ApprovedPlan(task.job_id()));
                    return ContributionDraft(task, payload, job.plan_digest, ResultOf(task));
                  },
                  .before =
                      [this, task](const std::string& entry) {
                        return parts_.journal.AppendOnce(RowOf(kRowContribution, task, entry.size(),
                                                               Sha256Hex(entry), parts_.control.WallClock()));
                      },
                  .wrap =
                      [this, id](const std::string& entry) {
                        v1::Envelope envelope;
                        envelope.set_request_id(RequestIdOf(parts_.tasks, id));
                        envelope.mutable_contribution()->set_participation_id(id);
                        envelope.mutable_contribution()->set_envelope(entry);
                        return envelope;
                      },
                  .failed = [this, id](const absl::Status& status) { Fail(id, status); }});
}

// What the trainer said about a training; nothing if a power cut took it.
v1::TrainResult Training::ResultOf(const v1::TrainTask& task) const {
  v1::TrainResult result;
  const auto record = parts_.tasks.Read(task.participation_id(), Record::kResult);
  if (!record.ok() || !result.ParseFromString(*record)) result.Clear();
  return result;
}

void Training::OnVerdict(const v1::Verdict& verdict) {
  const std::string& id = verdict.participation_id();
  if (!parts_.tasks.Has(id, Record::kTask)) return;  // not ours
  const absl::Status stored = parts_.tasks.Write(id, Record::kVerdict, verdict.SerializeAsString());
  if (!stored.ok()) spdlog::error("verdict on {} not stored: {}", id, std::string(stored.message()));
  if (const absl::Status kept = parts_.tasks.KeepSpare(id); !kept.ok()) {
    spdlog::warn("payload of {} not put aside: {}", id, std::string(kept.message()));
  }
  spdlog::info("participation {}: {} {}", id, verdict.accepted() ? "accepted" : "refused", verdict.reason());
  parts_.metrics.Add("consort_node_contributions_total",
                     {{"outcome", verdict.accepted() ? "accepted" : "refused"}}, 1);
  parts_.metrics.Set("consort_node_last_verdict_timestamp_seconds", {},
                     static_cast<double>(absl::ToUnixSeconds(parts_.control.WallClock())));
  const bool told = outlet_.answers();
  outlet_.OnVerdict(id, verdict.accepted(), verdict.receipt_envelope());
  // An older coordinator says in its next welcome whether a refused entry became a leaf.
  if (!verdict.accepted() && !told) session_.Reopen(/*fresh=*/false);
}

void Training::Cancel(const std::string& id, absl::string_view reason) {
  outlet_.Resolve(id);
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  spdlog::info("participation {} called off: {}", id, std::string(reason));
  found->second->discard = true;
  CallOff(id);
}

void Training::Stop() {
  std::vector<std::string> ids;
  for (const auto& [id, unused] : running_) ids.push_back(id);
  for (const std::string& id : ids) CallOff(id);
}

void Training::CallOff(const std::string& id) {
  const auto running = running_.at(id);
  running->called_off = true;
  running->cancellation.Cancel();
  if (queue_.Remove(id)) End(id);
}

void Training::Fail(const std::string& id, const absl::Status& status) {
  SendFailure(parts_.tasks, id, status, session_, parts_.metrics);
  // A contribution that went out and got no verdict may not have become a leaf: a new session says which
  // number the next entry has.
  const bool unanswered = parts_.tasks.Has(id, Record::kEntry) && !parts_.tasks.Has(id, Record::kVerdict);
  if (unanswered) session_.Reopen(/*fresh=*/true);
  outlet_.Resolve(id);
  End(id);
}

void Training::End(const std::string& id) {
  const auto found = running_.find(id);
  if (found != running_.end()) {
    parts_.control.Cancel(found->second->deadline);
    if (found->second->discard)
      parts_.tasks.RemoveLargeFiles(id).IgnoreError();  // tried again when its job ends
    running_.erase(found);
  }
  queue_.Done(id);
}

TaskWork::Report Training::Reporter() {
  return [this](const v1::TaskProgress& progress) {
    parts_.control.Post([this, progress] { SendProgress(parts_.tasks, progress, session_); });
  };
}

}  // namespace consort::node
