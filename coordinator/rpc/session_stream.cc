#include "coordinator/rpc/session_stream.h"

#include <utility>

#include "common/rpc/status_mapping.h"

namespace consort::coordinator {

void SessionStream::Open() {
  self_ = shared_from_this();
  const std::string archive = archive_;
  // The whole archive, not this stream alone: another may just be taking its place.
  watch_ = parts_.directory.Watch(v1::ROLE_ARCHIVE, archive, [&parts = parts_, archive] {
    parts.executor.Post([&parts, archive] { parts.sessions.Disconnect(archive, "revoked"); });
  });
  parts_.executor.Post([self = self_] {
    self->id_ = self->parts_.sessions.Attach(self->archive_, self);
    self->Read();
  });
}

void SessionStream::Read() {
  MutexLock lock(mutex_);
  if (!finished_) StartRead(&incoming_);
}

void SessionStream::OnReadDone(bool ok) {
  if (!ok) {
    ReportClosed();
    return End(absl::OkStatus());
  }
  parts_.executor.Post([self = shared_from_this()] {
    self->parts_.sessions.OnEnvelope(self->id_, self->incoming_);
    self->Read();
  });
}

void SessionStream::Write(const v1::Envelope& envelope) {
  MutexLock lock(mutex_);
  if (finished_ || end_.has_value()) return;
  if (outgoing_.size() >= kMaxQueued) {
    outgoing_.resize(1);  // the one being written
    end_ = absl::ResourceExhaustedError("the node does not read; its session goes on when it connects again");
    context_.TryCancel();  // the write under way may never end
    return;
  }
  outgoing_.push_back(envelope);
  if (outgoing_.size() == 1) StartNextWrite();
}

void SessionStream::End(const absl::Status& status) {
  MutexLock lock(mutex_);
  if (!end_.has_value()) end_ = status;
  FinishIfDrained();
}

void SessionStream::OnWriteDone(bool ok) {
  MutexLock lock(mutex_);
  outgoing_.pop_front();
  if (!ok) {  // the peer is gone: what is queued stays in the session
    outgoing_.clear();
    if (!end_.has_value()) end_ = absl::UnavailableError("the node went away");
  }
  if (outgoing_.empty()) {
    FinishIfDrained();
  } else {
    StartNextWrite();
  }
}

void SessionStream::StartNextWrite() {
  if (!finished_) StartWrite(&outgoing_.front());
}

void SessionStream::FinishIfDrained() {
  if (finished_ || !end_.has_value() || !outgoing_.empty()) return;
  finished_ = true;
  Finish(ToGrpcStatus(*end_));
}

void SessionStream::OnCancel() {
  ReportClosed();
  End(absl::CancelledError("the node went away"));
}

void SessionStream::ReportClosed() {
  parts_.executor.Post([self = shared_from_this()] { self->parts_.sessions.OnClosed(self->id_); });
}

void SessionStream::OnDone() {
  parts_.directory.Unwatch(watch_);
  self_.reset();
}

}  // namespace consort::coordinator
