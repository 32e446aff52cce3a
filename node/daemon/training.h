// One archive's part in a round: from the task to the verdict.
#ifndef CONSORT_NODE_DAEMON_TRAINING_H_
#define CONSORT_NODE_DAEMON_TRAINING_H_

#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consort/v1/session.pb.h"
#include "node/daemon/entry_outlet.h"
#include "node/daemon/parts.h"
#include "node/daemon/planning.h"
#include "node/daemon/running_task.h"
#include "node/daemon/work_queue.h"

namespace consort::node {

// Owned by the daemon's executor. A task that comes again finds what was done: a stored failure is repeated,
// a stored payload and entry are sent again byte for byte, running work goes on.
class Training {
 public:
  Training(const DaemonSettings& settings, DaemonParts& parts, Session& session, EntryOutlet& outlet,
           WorkQueue& queue, const Planning& planning);

  void OnTask(const v1::Envelope& envelope);
  void OnVerdict(const v1::Verdict& verdict);
  // The coordinator called the work off, or its deadline has passed. Ignored for ids of other flows.
  void Cancel(const std::string& id, absl::string_view reason);
  // The daemon ends: stops what runs and keeps what is stored.
  void Stop();

 private:
  absl::Status Check(const v1::TrainTask& task);
  absl::Status CheckApproved(const v1::TrainTask& task) const;
  void Start(const v1::TrainTask& task);
  void OnTrained(const v1::TrainTask& task, const absl::StatusOr<PayloadFacts>& payload);
  void OnUploaded(const v1::TrainTask& task, const PayloadFacts& payload, const absl::Status& uploaded);
  v1::TrainResult ResultOf(const v1::TrainTask& task) const;
  void Contribute(const v1::TrainTask& task, const PayloadFacts& payload);
  void Fail(const std::string& id, const absl::Status& status);
  void CallOff(const std::string& id);
  void End(const std::string& id);
  TaskWork::Report Reporter();

  const DaemonSettings& settings_;
  DaemonParts& parts_;
  Session& session_;
  EntryOutlet& outlet_;
  WorkQueue& queue_;
  const Planning& planning_;
  std::map<std::string, std::shared_ptr<RunningTask>> running_;  // queued or running, by participation
  std::set<std::string> unproved_;  // tasks for which a fresh session was asked once already
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_TRAINING_H_
