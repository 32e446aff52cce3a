#include "coordinator/rpc/job_watch.h"

#include <utility>

#include "common/rpc/status_mapping.h"
#include "coordinator/jobs/spec_words.h"

namespace consort::coordinator {

void JobWatch::Open() {
  self_ = shared_from_this();
  const std::weak_ptr<JobWatch> weak = self_;
  revocation_watch_ = parts_.directory.Watch(peer_.member.role, peer_.member.name, [weak] {
    if (const auto watch = weak.lock())
      watch->End(absl::UnauthenticatedError("certificate has been revoked"));
  });
  parts_.executor.Post([self = self_, weak] {
    const absl::StatusOr<RoundEngine::WatchId> watch =
        self->parts_.engine.Watch(self->job_id_, [weak](const v1::JobStatus& status) {
          if (const auto one = weak.lock()) one->Take(status);
        });
    if (!watch.ok()) return self->End(watch.status());
    self->watch_ = *watch;
  });
}

void JobWatch::Take(const v1::JobStatus& status) {
  MutexLock lock(mutex_);
  next_ = status;
  last_taken_ = Ended(status.state());
  Step();
}

// Writes what is newest, or finishes after the last.
void JobWatch::Step() {
  if (finished_ || writing_) return;
  if (next_.has_value()) {
    written_ = *std::exchange(next_, std::nullopt);
    writing_ = true;
    StartWrite(&written_);
  } else if (last_taken_) {
    finished_ = true;
    Finish(grpc::Status::OK);
  }
}

void JobWatch::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("peer went away"));
  MutexLock lock(mutex_);
  writing_ = false;
  Step();
}

void JobWatch::End(const absl::Status& status) {
  MutexLock lock(mutex_);
  if (finished_) return;
  finished_ = true;
  Finish(ToGrpcStatus(status));
}

void JobWatch::OnCancel() { End(absl::CancelledError("peer went away")); }

void JobWatch::OnDone() {
  parts_.directory.Unwatch(revocation_watch_);
  // After whatever Open posted, so that the watch it made is known.
  parts_.executor.Post([self = std::move(self_)] {
    if (self->watch_ != 0) self->parts_.engine.Unwatch(self->watch_);
  });
}

}  // namespace consort::coordinator
