// How the round engine reaches archives. The session registry implements it; tests put a fake in its place.
#ifndef CONSORT_COORDINATOR_ROUNDS_NODE_GATEWAY_H_
#define CONSORT_COORDINATOR_ROUNDS_NODE_GATEWAY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "consort/v1/session.pb.h"

namespace consort::coordinator {

class NodeGateway {
 public:
  virtual ~NodeGateway() = default;

  // Queues a message for the archive; it is replayed until acknowledged while the session lasts. Dropped if
  // the archive has no session: the engine sends open tasks again in NodeEvents::OnSessionStarted.
  virtual void Send(absl::string_view archive, v1::Envelope envelope) = 0;
  // True while the archive has a session that is not gone.
  virtual bool Connected(absl::string_view archive) const = 0;
  // Ends an archive's session (revoked). The reason is a SessionRefused code.
  virtual void Disconnect(absl::string_view archive, absl::string_view reason) = 0;
};

// What sessions tell the engine. Called on the control executor, each message once.
class NodeEvents {
 public:
  virtual ~NodeEvents() = default;
  virtual void OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) = 0;  // new session
  virtual void OnSessionResumed(const std::string& archive) = 0;
  virtual void OnSessionGone(const std::string& archive) = 0;
  virtual void OnMessage(const std::string& archive, const v1::Envelope& envelope) = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_NODE_GATEWAY_H_
