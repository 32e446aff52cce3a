// What the phases of the engine share: its parts, the memory that rows can rebuild, and the ways to act and
// to fail.
#ifndef CONSORT_COORDINATOR_ROUNDS_ENGINE_CONTEXT_H_
#define CONSORT_COORDINATOR_ROUNDS_ENGINE_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/update/manifest.h"
#include "common/update/manifest_turn.h"
#include "coordinator/rounds/engine.h"
#include "coordinator/rounds/ledger_heads.h"
#include "coordinator/rounds/live_book.h"
#include "coordinator/rounds/named_timers.h"
#include "coordinator/rounds/spent_spools.h"

namespace consort::coordinator {

// A job's terms, parsed once.
struct JobFacts {
  std::string job_digest;
  std::string spec_bytes;  // as submitted
  v1::JobSpec spec;
  // They take turns; with latent_analysis the last of them is the last round's alone. Empty until the job is
  // prepared.
  std::vector<Manifest> manifests;

  // `round` counts from 1. Precondition: the job is prepared.
  const Manifest& in_force(uint32_t round) const {
    return manifests[*ManifestTurn(manifests.size(), spec.latent_analysis(), round, spec.rounds())];
  }
};

// How one phase hands over to the next. The engine implements it.
class Flow {
 public:
  virtual ~Flow() = default;
  // Does what the job's rows say comes next; called after each committed transition and at a restart.
  virtual void Continue(const std::string& job_id) = 0;
  // The round has its model and its evaluation: closes it and goes on with the job.
  virtual void CloseRound(const std::string& job_id, const std::string& round_id) = 0;
  // Ends the job: `reason` is a code, then the object. An open round is abandoned for the same reason.
  virtual void FailJob(const std::string& job_id, const std::string& reason) = 0;
  // Something of our own went wrong (disk, database): says so in the log and continues from the rows after a
  // while.
  virtual void Trouble(const std::string& job_id, const absl::Status& status) = 0;
  // People who watch the job are told soon.
  virtual void Changed(const std::string& job_id) = 0;
};

// Every member is used on the control executor.
class EngineContext {
 public:
  EngineContext(const RoundEngine::Parts& engine_parts, const RoundEngine::Config& engine_config,
                Flow& engine_flow);

  RoundEngine::Parts parts;
  RoundEngine::Config config;
  Flow& flow;
  NamedTimers timers;
  LiveBook live;
  LedgerHeads heads;
  SpentSpools spent_spools;

  absl::Status Transact(const std::function<absl::Status(Transaction&)>& work) {
    return parts.store.Transact(work);
  }
  absl::Duration Now() const { return parts.executor.Monotonic(); }
  int64_t WallMillis() const { return absl::ToUnixMillis(parts.executor.WallClock()); }
  // Time left until a wall-clock moment, never negative.
  absl::Duration Until(int64_t unix_millis) const;
  // Time left of a window in which archives answer that was opened before: not less than what those who lost
  // us in a restart have to come back.
  absl::Duration WindowLeft(int64_t unix_millis) const;

  // The terms of a job. Errors: DataLoss for rows that cannot be read.
  absl::StatusOr<std::shared_ptr<const JobFacts>> FactsOf(const JobRow& job);
  void ForgetJob(const std::string& job_id) { facts_.erase(job_id); }

  // Whether an archive's answer is worth waiting for: it has a session, or lost it (or we started) so
  // recently that it may be on its way back.
  bool Awaited(const std::string& archive) const;
  void NoteGone(const std::string& archive) { away_since_[archive] = Now(); }

  std::string SpoolPath(absl::string_view participation_id) const;

  // Runs `work` off the executor and `done` with its result on it; `done` is dropped if the engine has ended
  // by then.
  template <class Result>
  void RunBlocking(std::function<Result()> work, std::function<void(Result)> done) {
    std::weak_ptr<char> alive = alive_;
    Executor& executor = parts.executor;
    parts.blocking.Run([alive, &executor, work = std::move(work), done = std::move(done)] {
      auto result = std::make_shared<Result>(work());
      executor.Post([alive, result, done] {
        if (alive.lock() != nullptr) done(std::move(*result));
      });
    });
  }
  // Lets work posted to the executor find out whether the engine has ended.
  std::weak_ptr<char> alive() const { return alive_; }

 private:
  absl::Duration started_;
  std::map<std::string, absl::Duration> away_since_;              // one a member
  std::map<std::string, std::shared_ptr<const JobFacts>> facts_;  // one a job that has not ended
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

// Free text from a node as rows and logs keep it: printable ASCII, at most kMaxReasonBytes.
std::string CleanReason(absl::string_view text);
inline constexpr size_t kMaxReasonBytes = 240;

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_ENGINE_CONTEXT_H_
