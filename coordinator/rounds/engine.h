// The durable state machine of jobs and rounds: from a submitted job through planning, recruiting, training,
// collecting, aggregating and evaluating to a released model. Every transition is a row (and, where it is an
// event for others, a ledger entry) committed before its effect; memory holds only what rows, files and nodes
// can rebuild.
//
// One owner: every call is made on the control executor, those of UpdateIntake excepted (any other thread).
#ifndef CONSORT_COORDINATOR_ROUNDS_ENGINE_H_
#define CONSORT_COORDINATOR_ROUNDS_ENGINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/artifact/artifact_store.h"
#include "common/sync/executor.h"
#include "common/trainer_client/trainer.h"
#include "consort/v1/job.pb.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/rounds/blocking_runner.h"
#include "coordinator/rounds/federation_metrics.h"
#include "coordinator/rounds/node_gateway.h"
#include "coordinator/rounds/update_intake.h"
#include "coordinator/store/store.h"
#include "coordinator/witness/witness_board.h"

namespace consort::coordinator {

class RoundEngine final : public NodeEvents, public UpdateIntake {
 public:
  // All borrowed; they outlive the engine. `blocking` must have finished or dropped its work before the
  // engine ends.
  struct Parts {
    Executor& executor;
    Store& store;
    Sequencer& sequencer;
    ArtifactStore& artifacts;
    NodeGateway& nodes;
    Trainer& trainer;  // the coordinator's own: Prepare only
    BlockingRunner& blocking;
    FederationMetrics& metrics;
    WitnessBoard& witnesses;
  };
  struct Config {
    std::string
        spool_directory;  // exists; one file per participation; on the file system of the artifact store
    // How long an archive that is away is waited for although the others have answered: a restart of ours or
    // theirs.
    absl::Duration reconnect_window = absl::Seconds(15);
    // How long a model waits for its witnesses before the job is paused for people to look at.
    absl::Duration witness_window = absl::Hours(24);
  };
  RoundEngine(const Parts& parts, const Config& config);
  ~RoundEngine() override;

  // Continues every job that has not ended from its rows. Once, before sessions are let in. Errors: Internal.
  absl::Status Resume();
  // From now on no job is taken and no round opened (the process is about to end); open rounds go on.
  void Drain();
  bool draining() const;

  struct Submission {
    std::string spec;          // serialized JobSpec
    std::string token;         // may be empty
    std::string submitted_by;  // SPIFFE id
    bool dry_run = false;
  };
  struct Submitted {
    v1::JobStatus job;
    bool existed = false;
    std::vector<std::string> notes;
  };
  // Errors: InvalidArgument listing everything that is wrong with the spec; NotFound if the base model is not
  // stored; AlreadyExists if the token names a job with another spec; Unavailable while draining; Internal.
  absl::StatusOr<Submitted> Submit(const Submission& submission);
  // Errors of the four: NotFound for an unknown job; Internal. Control also: FailedPrecondition in a state
  // that the action does not fit; InvalidArgument for no action.
  absl::StatusOr<v1::JobStatus> GetJob(absl::string_view job_id);
  absl::StatusOr<std::vector<v1::JobStatus>> ListJobs(uint32_t limit);  // newest first; 0: kMaxListedJobs
  absl::StatusOr<v1::JobStatus> Control(absl::string_view job_id, v1::JobAction action);
  absl::StatusOr<std::vector<v1::ModelRecord>> ListModels(absl::string_view job_id);  // empty id: of all jobs

  // Calls `take` with the whole status now and after changes, at most five times a second; the last call is
  // the one whose state has ended. Errors: NotFound; ResourceExhausted past kMaxWatchers.
  using WatchId = uint64_t;
  absl::StatusOr<WatchId> Watch(absl::string_view job_id, std::function<void(const v1::JobStatus&)> take);
  void Unwatch(WatchId watch);

  // Digests that a job, model or open round refers to: what `artifact gc` keeps.
  absl::StatusOr<std::set<std::string>> ArtifactsInUse();
  // Jobs that have not ended.
  absl::StatusOr<uint32_t> ActiveJobs();

  // A quorum has cosigned the checkpoint of this size: archives get it, models under it are released.
  void OnWitnessed(uint64_t size);
  // The ledger signs again after a hold: what waited for it goes on.
  void OnSigning();

  void OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) override;
  void OnSessionResumed(const std::string& archive) override;
  void OnSessionGone(const std::string& archive) override;
  void OnMessage(const std::string& archive, const v1::Envelope& envelope) override;

  absl::StatusOr<std::string> OpenSpool(const std::string& archive, const std::string& participation_id,
                                        uint64_t total_bytes) override;
  void OnSpoolProgress(const std::string& participation_id, uint64_t committed_bytes) override;
  void OnSpoolTrouble(const std::string& participation_id, const std::string& problem) override;
  void OnSpoolComplete(const std::string& participation_id, const std::string& digest) override;
  // OpenSpool for callers that are on the control executor already.
  absl::StatusOr<std::string> OpenSpoolHere(const std::string& archive, const std::string& participation_id,
                                            uint64_t total_bytes);

  static constexpr uint32_t kMaxListedJobs = 200;
  static constexpr size_t kMaxWatchers = 256;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_ENGINE_H_
