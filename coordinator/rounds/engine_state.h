// What is behind RoundEngine: the phases and the order in which they follow each other. Private to this
// folder.
#ifndef CONSORT_COORDINATOR_ROUNDS_ENGINE_STATE_H_
#define CONSORT_COORDINATOR_ROUNDS_ENGINE_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/sync/mutex.h"
#include "coordinator/jobs/job_status.h"
#include "coordinator/jobs/job_watchers.h"
#include "coordinator/rounds/aggregating.h"
#include "coordinator/rounds/closing.h"
#include "coordinator/rounds/collecting.h"
#include "coordinator/rounds/contributions.h"
#include "coordinator/rounds/engine.h"
#include "coordinator/rounds/engine_context.h"
#include "coordinator/rounds/evaluating.h"
#include "coordinator/rounds/planning.h"
#include "coordinator/rounds/preparing.h"
#include "coordinator/rounds/recruiting.h"

namespace consort::coordinator {

struct RoundEngine::State final : public Flow, public LiveView {
  // Newest rounds of a job that its status shows; a status must fit a message of 4 MiB.
  static constexpr size_t kRoundsShown = 64;
  static constexpr absl::Duration kRetryAfter = absl::Seconds(5);

  State(const Parts& parts, const Config& config);

  // Flow.
  void Continue(const std::string& job_id) override;
  void CloseRound(const std::string& job_id, const std::string& round_id) override;
  void FailJob(const std::string& job_id, const std::string& reason) override;
  void Trouble(const std::string& job_id, const absl::Status& status) override;
  void Changed(const std::string& job_id) override { watchers.Changed(job_id); }

  // LiveView.
  bool Connected(absl::string_view archive) const override;
  LiveProgress ProgressOf(absl::string_view participation_id) const override;
  std::vector<v1::TraditionResult> ResultsOf(const RoundRows& round) const override;
  std::vector<std::string> MissingWitnesses(uint64_t index) const override {
    return context.parts.witnesses.Missing(index);
  }

  absl::Status ContinueOrFail(const std::string& job_id);
  absl::Status ContinueRound(const JobRow& job, const RoundRow& round);
  absl::Status NextRound(const JobRow& job, uint32_t closed);
  // Opens the next round unless one is open.
  void ResumePaused(const std::string& job_id);
  absl::StatusOr<v1::JobStatus> StatusOf(absl::string_view job_id, size_t rounds_shown) const;
  // Everything that is open for an archive, sent to its new session.
  absl::Status SendOpenWork(const std::string& archive);
  absl::StatusOr<std::vector<JobRow>> ActiveJobRows() const;
  absl::StatusOr<std::vector<std::string>> ConnectedArchives() const;
  // The witnessed checkpoint, to every archive that has a session.
  absl::Status SendHeads(uint64_t size);
  // Removes spools and folds that no open round refers to.
  absl::Status RemoveOldSpools();
  void OnTaskFailure(const std::string& archive, const v1::TaskFailure& failure);
  void OnProgress(const std::string& archive, const v1::TaskProgress& progress);

  mutable EngineContext context;
  Preparing preparing;
  Planning planning;
  Recruiting recruiting;
  Collecting collecting;
  Contributions contributions;
  Aggregating aggregating;
  Evaluating evaluating;
  Closing closing;
  JobWatchers watchers;
  bool draining = false;
  int submitted_first_attempts = 1;  // more while the jobs of before a restart are taken up

  // By round id: the bootstrap is not drawn again for each look at a status.
  struct KeptResults {
    size_t reported = 0;  // archives whose evaluations are in them
    std::vector<v1::TraditionResult> results;
  };
  mutable std::map<std::string, KeptResults> results;

  // Progress of uploads, told by other threads; at most one flush is posted at a time.
  Mutex spool_mutex;
  std::map<std::string, uint64_t> spool_progress CONSORT_GUARDED_BY(spool_mutex);
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_ENGINE_STATE_H_
