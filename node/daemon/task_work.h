// The work itself, on the worker's thread: fetch, plan, train, encode, send, evaluate. Blocks; knows no
// session and no ledger. Each call picks up where an earlier one for the same task stopped.
#ifndef CONSORT_NODE_DAEMON_TASK_WORK_H_
#define CONSORT_NODE_DAEMON_TASK_WORK_H_

#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/artifact/artifact_store.h"
#include "common/sync/executor.h"
#include "common/trainer_client/trainer.h"
#include "common/update/manifest.h"
#include "consort/v1/session.pb.h"
#include "node/daemon/entries.h"
#include "node/daemon/task_store.h"
#include "node/daemon/transfer.h"

namespace consort::node {

// What an evaluation gave, with the tensor digests of the two states that were compared.
struct Evaluated {
  v1::EvaluateResult result;
  std::string before_digest;
  std::string after_digest;
};

// Everything is borrowed. One call at a time, all from the worker's thread.
class TaskWork {
 public:
  using Report =
      std::function<void(const v1::TaskProgress&)>;  // called on the worker's thread, at most 2 a second

  struct Identity {
    std::string archive;
    std::string
        boot_id;  // of the running kernel; values spooled under another one are not trusted (a power cut may
                  // have lost them: they are not synced, since training again is cheaper than waiting)
  };
  TaskWork(Identity identity, Trainer& trainer, Transfer& transfer, ArtifactStore& artifacts,
           const TaskStore& tasks, const Executor& clock);

  bool TrainerAnswers();
  absl::StatusOr<v1::PlanResponse> Plan(const std::string& spec);

  // Returns the facts of the stored payload, after whatever was still to do. Errors, codes first in the
  // message: trainer-crashed, trainer-stuck, no-usable-recording, not-finite, artifact-damaged, disk-full
  // (ResourceExhausted); Cancelled.
  absl::StatusOr<PayloadFacts> Train(const v1::TrainTask& task, Cancellation& cancellation,
                                     const Report& report);

  // Sends the stored payload. Errors: as Transfer::Upload.
  absl::Status Upload(const v1::TrainTask& task, const PayloadFacts& payload, Cancellation& cancellation,
                      const Report& report);

  // Errors: as Train; OutOfRange not-finite for a score that is no number; InvalidArgument past the job's
  // cap.
  absl::StatusOr<Evaluated> Evaluate(const v1::EvaluateTask& task, Cancellation& cancellation,
                                     const Report& report);

 private:
  absl::StatusOr<std::string> Fetch(const std::string& digest, const std::string& id,
                                    Cancellation& cancellation, const Report& report);
  absl::StatusOr<double> TrainValues(const v1::TrainTask& task, const Manifest& manifest,
                                     Cancellation& cancellation, const Report& report);
  absl::StatusOr<PayloadFacts> KeepFacts(const std::string& id, const PayloadFacts& payload) const;
  absl::StatusOr<double> StoredNorm(const v1::TrainTask& task, const Manifest& manifest) const;
  // Fetches the state that a round of the job starts from; the job's earlier one goes first.
  absl::StatusOr<std::string> FetchState(const v1::TrainTask& task, Cancellation& cancellation,
                                         const Report& report);
  // A Report that passes on at most one message each kProgressInterval, and every change of phase.
  Report Throttled(const Report& report);
  void ForgetOldArtifacts();

  Identity identity_;
  Trainer& trainer_;
  Transfer& transfer_;
  ArtifactStore& artifacts_;
  const TaskStore& tasks_;
  const Executor& clock_;
  std::deque<std::string> recent_;  // artifacts used last, newest first
  // Job and the state that its newest round started from, newest first; at most kKeptArtifacts.
  std::deque<std::pair<std::string, std::string>> states_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_TASK_WORK_H_
