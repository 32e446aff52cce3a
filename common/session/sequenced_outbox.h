// What one end of a session has sent and the other has not yet acknowledged.
#ifndef CONSORT_COMMON_SESSION_SEQUENCED_OUTBOX_H_
#define CONSORT_COMMON_SESSION_SEQUENCED_OUTBOX_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/session/protocol.h"
#include "consort/v1/session.pb.h"

namespace consort::session {

// Numbers envelopes 1, 2, 3, ... and keeps them until they are acknowledged. Not thread-safe: the session
// that owns it calls it from one thread.
class SequencedOutbox {
 public:
  explicit SequencedOutbox(size_t max_messages = kMaxUnacknowledgedMessages,
                           size_t max_bytes = kMaxUnacknowledgedBytes);

  // Gives `envelope` the next sequence, keeps a copy and returns it for sending. The caller stamps
  // `acknowledged` when it writes. Errors: ResourceExhausted when too much is unacknowledged (nothing is
  // added).
  absl::StatusOr<v1::Envelope> Add(v1::Envelope envelope);

  // Forgets everything up to `sequence`; older values are ignored. Errors: InvalidArgument for a sequence
  // that was never given out (nothing is forgotten): the peer speaks of another session.
  absl::Status Acknowledge(uint64_t sequence);

  // The envelopes after `sequence`, in order: what a resumed session sends again. Errors: InvalidArgument if
  // `sequence` was never given out; FailedPrecondition if an envelope after it has been forgotten.
  absl::StatusOr<std::vector<v1::Envelope>> After(uint64_t sequence) const;

  // A new session: forgets everything and numbers from 1 again.
  void Reset();

  uint64_t last_sequence() const { return last_; }
  uint64_t acknowledged() const { return acknowledged_; }
  size_t unacknowledged_messages() const { return pending_.size(); }

 private:
  struct Pending {
    v1::Envelope envelope;
    size_t bytes;
  };

  size_t max_messages_;
  size_t max_bytes_;
  std::deque<Pending> pending_;  // sequences acknowledged_ + 1 .. last_
  size_t bytes_ = 0;
  uint64_t last_ = 0;
  uint64_t acknowledged_ = 0;
};

}  // namespace consort::session

#endif  // CONSORT_COMMON_SESSION_SEQUENCED_OUTBOX_H_
