// The writing side of one stream from a node.
#ifndef CONSORT_COORDINATOR_SESSIONS_SESSION_WIRE_H_
#define CONSORT_COORDINATOR_SESSIONS_SESSION_WIRE_H_

#include "absl/status/status.h"
#include "consort/v1/session.pb.h"

namespace consort::coordinator {

// Called on the control executor; neither call blocks.
class SessionWire {
 public:
  virtual ~SessionWire() = default;
  // Queues a message. After End it does nothing.
  virtual void Write(const v1::Envelope& envelope) = 0;
  // Ends the stream with this status once what was queued has been written.
  virtual void End(const absl::Status& status) = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_SESSIONS_SESSION_WIRE_H_
