// One archive's evaluation of a round's result on its own holdout recordings.
#ifndef CONSORT_NODE_DAEMON_EVALUATION_H_
#define CONSORT_NODE_DAEMON_EVALUATION_H_

#include <map>
#include <memory>
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

// Owned by the daemon's executor. Scores are stored before they are sent; a task that comes again gets the
// same.
class Evaluation {
 public:
  // No round says how long an evaluation may take; a piece of work without any end would block the queue.
  static constexpr absl::Duration kLongestEvaluation = absl::Hours(12);

  Evaluation(DaemonParts& parts, Session& session, EntryOutlet& outlet, WorkQueue& queue,
             const Planning& planning);

  void OnTask(const v1::Envelope& envelope);
  void Cancel(const std::string& id, absl::string_view reason);
  // The daemon ends: stops what runs and keeps what is stored.
  void Stop();

 private:
  absl::Status Check(const v1::EvaluateTask& task);
  void Start(const v1::EvaluateTask& task);
  void OnEvaluated(const v1::EvaluateTask& task, const absl::StatusOr<Evaluated>& evaluated);
  void Report(const v1::EvaluateTask& task, const Evaluated& evaluated);
  void Fail(const std::string& id, const absl::Status& status);
  void End(const std::string& id);

  DaemonParts& parts_;
  Session& session_;
  EntryOutlet& outlet_;
  WorkQueue& queue_;
  const Planning& planning_;
  std::map<std::string, std::shared_ptr<RunningTask>> running_;  // by task id
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_EVALUATION_H_
