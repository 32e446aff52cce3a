// What one end of a session has received: tells new messages from repeated ones.
#ifndef CONSORT_COMMON_SESSION_SEQUENCED_INBOX_H_
#define CONSORT_COMMON_SESSION_SEQUENCED_INBOX_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "consort/v1/session.pb.h"

namespace consort::session {

// Not thread-safe: the session that owns it calls it from one thread.
class SequencedInbox {
 public:
  enum class Arrival {
    kNew,        // the next of the series: act on it
    kDuplicate,  // had it: drop it
    kOutside,    // sequence 0 (hello, welcome, heartbeat): act on it, nothing to acknowledge
  };

  // Errors: InvalidArgument for a gap (nothing changes): a message was lost, the stream must be opened again.
  absl::StatusOr<Arrival> Accept(const v1::Envelope& envelope);

  // Highest sequence received without a gap: what goes into Envelope.acknowledged and NodeHello.acknowledged.
  uint64_t acknowledged() const { return received_; }

  // Received since MarkAcknowledged: when it reaches kAcknowledgeEvery, an acknowledgement is due at once.
  uint64_t unacknowledged() const { return received_ - told_; }
  // The peer has been sent acknowledged().
  void MarkAcknowledged() { told_ = received_; }

  // A new session: the peer numbers from 1 again.
  void Reset();

 private:
  uint64_t received_ = 0;
  uint64_t told_ = 0;
};

}  // namespace consort::session

#endif  // CONSORT_COMMON_SESSION_SEQUENCED_INBOX_H_
