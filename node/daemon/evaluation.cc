#include "node/daemon/evaluation.h"

#include <utility>
#include <vector>

#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "node/daemon/failure.h"
#include "node/daemon/task_report.h"
#include "spdlog/spdlog.h"

namespace consort::node {

Evaluation::Evaluation(DaemonParts& parts, Session& session, EntryOutlet& outlet, WorkQueue& queue,
                       const Planning& planning)
    : parts_(parts), session_(session), outlet_(outlet), queue_(queue), planning_(planning) {}

void Evaluation::OnTask(const v1::Envelope& envelope) {
  const v1::EvaluateTask& task = envelope.evaluate_task();
  const std::string& id = task.task_id();
  if (const absl::Status usable = TaskStore::CheckId(id); !usable.ok()) {
    spdlog::error("evaluation task ignored: {}", std::string(usable.message()));
    return;
  }
  if (SendStoredFailure(parts_.tasks, id, session_)) return;
  if (const absl::Status checked = Check(task); !checked.ok()) return Fail(id, checked);
  if (running_.count(id) > 0) return;
  if (const absl::Status stored = parts_.tasks.Write(id, Record::kTask, envelope.SerializeAsString());
      !stored.ok()) {
    return Fail(id, stored);
  }
  auto running = std::make_shared<RunningTask>();
  running->deadline = parts_.control.PostAfter(kLongestEvaluation,
                                               [this, id] { Cancel(id, "it takes longer than any may"); });
  running_.emplace(id, std::move(running));
  if (const absl::Status queued = queue_.Add(id, [this, task] { Start(task); }); !queued.ok())
    Fail(id, queued);
}

absl::Status Evaluation::Check(const v1::EvaluateTask& task) {
  RETURN_IF_ERROR(CheckNoIncident(parts_.incidents));
  ASSIGN_OR_RETURN(const ApprovedJob job, planning_.ApprovedPlan(task.job_id()));
  if (Sha256Hex(task.spec()) != job.plan.job_digest()) {
    return FailureStatus(absl::StatusCode::kFailedPrecondition, kFailurePolicy,
                         "the task's job is not the one that was approved");
  }
  if (task.head().checkpoint().empty()) return absl::OkStatus();
  const auto head = parts_.heads.Accept(task.head());
  // Nothing that is evaluated depends on the head; one that merely is not proved is left for the next.
  if (head.ok() || absl::IsFailedPrecondition(head.status())) return absl::OkStatus();
  return FailureStatus(absl::StatusCode::kDataLoss, kFailureLedger, head.status().message());
}

void Evaluation::Start(const v1::EvaluateTask& task) {
  const auto running = running_.at(task.task_id());
  const TaskWork::Report report = [this](const v1::TaskProgress& progress) {
    parts_.control.Post([this, progress] { SendProgress(parts_.tasks, progress, session_); });
  };
  parts_.worker.Post([this, task, running, report] {
    auto evaluated = parts_.work.Evaluate(task, running->cancellation, report);
    parts_.control.Post([this, task, evaluated = std::move(evaluated)] { OnEvaluated(task, evaluated); });
  });
}

void Evaluation::OnEvaluated(const v1::EvaluateTask& task, const absl::StatusOr<Evaluated>& evaluated) {
  const std::string& id = task.task_id();
  if (running_.at(id)->called_off) return End(id);
  if (!evaluated.ok()) return Fail(id, evaluated.status());
  Report(task, *evaluated);
  End(id);
}

void Evaluation::Report(const v1::EvaluateTask& task, const Evaluated& evaluated) {
  const std::string& id = task.task_id();
  outlet_.Submit({.store = &parts_.tasks,
                  .id = id,
                  .draft = [this, task, evaluated]() -> absl::StatusOr<EntryDraft> {
                    return EvaluationDraft(
                        task, evaluated.result,
                        {evaluated.before_digest, evaluated.after_digest,
                         parts_.journal.DerivedBytes(task.job_id()), parts_.journal.head()});
                  },
                  .before =
                      [this, task](const std::string& entry) {
                        JournalRow row;
                        row.unix_millis = absl::ToUnixMillis(parts_.control.WallClock());
                        row.type = kRowEvaluation;
                        row.bytes = entry.size();
                        row.digest = Sha256Hex(entry);
                        row.job_id = task.job_id();
                        row.round_id = task.round_id();
                        return parts_.journal.AppendOnce(std::move(row));
                      },
                  .wrap =
                      [this, id](const std::string& entry) {
                        v1::Envelope envelope;
                        envelope.set_request_id(RequestIdOf(parts_.tasks, id));
                        envelope.mutable_evaluation_report()->set_task_id(id);
                        envelope.mutable_evaluation_report()->set_envelope(entry);
                        return envelope;
                      },
                  .failed = [this, id](const absl::Status& status) { Fail(id, status); }});
}

void Evaluation::Cancel(const std::string& id, absl::string_view reason) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  spdlog::info("evaluation {} called off: {}", id, std::string(reason));
  found->second->called_off = true;
  found->second->cancellation.Cancel();
  if (queue_.Remove(id)) End(id);
}

void Evaluation::Stop() {
  std::vector<std::string> ids;
  for (const auto& [id, unused] : running_) ids.push_back(id);
  for (const std::string& id : ids) Cancel(id, "the daemon ends");
}

void Evaluation::Fail(const std::string& id, const absl::Status& status) {
  SendFailure(parts_.tasks, id, status, session_, parts_.metrics);
  End(id);
}

void Evaluation::End(const std::string& id) {
  const auto found = running_.find(id);
  if (found != running_.end()) {
    parts_.control.Cancel(found->second->deadline);
    running_.erase(found);
  }
  queue_.Done(id);
}

}  // namespace consort::node
