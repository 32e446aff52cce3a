#include "coordinator/jobs/job_watchers.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::coordinator {

JobWatchers::~JobWatchers() {
  if (timer_ != 0) executor_.Cancel(timer_);
}

absl::StatusOr<JobWatchers::WatchId> JobWatchers::Watch(const std::string& job_id, Take take, size_t limit) {
  if (watches_.size() >= limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("too many people watch jobs; try again later: ", watches_.size(), ", at most ", limit));
  }
  ASSIGN_OR_RETURN(const v1::JobStatus status, read_(job_id));
  const WatchId watch = next_++;
  watches_[watch] = {job_id, take};
  take(status);
  return watch;
}

void JobWatchers::Changed(const std::string& job_id) {
  bool watched = false;
  for (const auto& [watch, entry] : watches_) watched = watched || entry.job_id == job_id;
  if (!watched) return;
  dirty_.insert(job_id);
  if (timer_ == 0) timer_ = executor_.PostAfter(kAtMostEvery, [this] { Flush(); });
}

void JobWatchers::Flush() {
  timer_ = 0;
  for (const std::string& job_id : std::exchange(dirty_, {})) {
    const absl::StatusOr<v1::JobStatus> status = read_(job_id);
    if (!status.ok()) continue;  // the next change tries again
    std::vector<Take> takes;     // a callback may unwatch
    for (const auto& [watch, entry] : watches_) {
      if (entry.job_id == job_id) takes.push_back(entry.take);
    }
    for (const Take& take : takes) take(*status);
  }
}

}  // namespace consort::coordinator
