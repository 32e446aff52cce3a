// Who watches which job: tells them what changed, at most five times a second, and the end always.
#ifndef CONSORT_COORDINATOR_JOBS_JOB_WATCHERS_H_
#define CONSORT_COORDINATOR_JOBS_JOB_WATCHERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/executor.h"
#include "consort/v1/job.pb.h"

namespace consort::coordinator {

// Every call on the executor; callbacks come from there too, never from within Watch's caller but the first.
class JobWatchers {
 public:
  using WatchId = uint64_t;
  using Take = std::function<void(const v1::JobStatus&)>;
  using Read = std::function<absl::StatusOr<v1::JobStatus>(const std::string& job_id)>;

  static constexpr absl::Duration kAtMostEvery = absl::Milliseconds(200);

  // `executor` borrowed. `read` makes a job's status.
  JobWatchers(Executor& executor, Read read) : executor_(executor), read_(std::move(read)) {}
  ~JobWatchers();
  JobWatchers(const JobWatchers&) = delete;
  JobWatchers& operator=(const JobWatchers&) = delete;

  // Calls `take` before it returns, and after changes. Errors: those of `read`; ResourceExhausted past
  // `limit`.
  absl::StatusOr<WatchId> Watch(const std::string& job_id, Take take, size_t limit);
  void Unwatch(WatchId watch) { watches_.erase(watch); }
  // The watchers of this job are told within kAtMostEvery.
  void Changed(const std::string& job_id);

 private:
  struct Entry {
    std::string job_id;
    Take take;
  };
  void Flush();

  Executor& executor_;
  Read read_;
  std::map<WatchId, Entry> watches_;
  std::set<std::string> dirty_;  // jobs that somebody watches
  WatchId next_ = 1;
  Executor::TimerId timer_ = 0;  // 0: none is set
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_JOBS_JOB_WATCHERS_H_
