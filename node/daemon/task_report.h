// What a node tells the coordinator about a task while it runs and when it fails.
#ifndef CONSORT_NODE_DAEMON_TASK_REPORT_H_
#define CONSORT_NODE_DAEMON_TASK_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "common/metrics/registry.h"
#include "consort/v1/session.pb.h"
#include "node/daemon/session.h"
#include "node/daemon/task_store.h"

namespace consort::node {

// The request_id of the stored envelope that asked for `id`: an answer carries it. `id` itself if there is
// none.
std::string RequestIdOf(const TaskStore& tasks, const std::string& id);

// Sends progress if there is a connection; progress nobody can read is not kept for later.
void SendProgress(const TaskStore& tasks, const v1::TaskProgress& progress, Session& session);

// Stores why `id` failed, so that the same question gets the same answer, and sends it.
void SendFailure(const TaskStore& tasks, const std::string& id, const absl::Status& status, Session& session,
                 MetricsRegistry& metrics);

// Sends the stored failure of `id` again. Returns false if it has none.
bool SendStoredFailure(const TaskStore& tasks, const std::string& id, Session& session);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_TASK_REPORT_H_
