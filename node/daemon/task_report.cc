#include "node/daemon/task_report.h"

#include <utility>

#include "node/daemon/failure.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

// A message that a full outbox refuses starts a new session, which asks again: nothing more to do here.
void Send(v1::Envelope envelope, Session& session) {
  session.Send(std::move(envelope)).status().IgnoreError();
}

void SendFailureMessage(const TaskStore& tasks, const v1::TaskFailure& failure, Session& session) {
  v1::Envelope envelope;
  envelope.set_request_id(RequestIdOf(tasks, failure.id()));
  *envelope.mutable_task_failure() = failure;
  Send(std::move(envelope), session);
}

}  // namespace

std::string RequestIdOf(const TaskStore& tasks, const std::string& id) {
  const auto stored = tasks.Read(id, Record::kTask);
  v1::Envelope asked;
  return stored.ok() && asked.ParseFromString(*stored) && !asked.request_id().empty() ? asked.request_id()
                                                                                      : id;
}

void SendProgress(const TaskStore& tasks, const v1::TaskProgress& progress, Session& session) {
  if (!session.connected()) return;
  v1::Envelope envelope;
  envelope.set_request_id(RequestIdOf(tasks, progress.participation_id()));
  *envelope.mutable_task_progress() = progress;
  Send(std::move(envelope), session);
}

void SendFailure(const TaskStore& tasks, const std::string& id, const absl::Status& status, Session& session,
                 MetricsRegistry& metrics) {
  const v1::TaskFailure failure = MakeTaskFailure(id, status);
  spdlog::error("task {} failed: {}: {}", id, failure.code(), failure.detail());
  metrics.Add("consort_node_task_failures_total", {{"code", failure.code()}}, 1);
  const absl::Status stored = tasks.Write(id, Record::kFailure, failure.SerializeAsString());
  if (!stored.ok()) spdlog::error("failure of {} not stored: {}", id, std::string(stored.message()));
  SendFailureMessage(tasks, failure, session);
}

bool SendStoredFailure(const TaskStore& tasks, const std::string& id, Session& session) {
  const auto stored = tasks.Read(id, Record::kFailure);
  v1::TaskFailure failure;
  if (!stored.ok() || !failure.ParseFromString(*stored)) return false;
  SendFailureMessage(tasks, failure, session);
  return true;
}

}  // namespace consort::node
