// One open stream of envelopes to the coordinator. node/rpc implements it with gRPC; tests with a queue.
#ifndef CONSORT_NODE_DAEMON_STREAM_H_
#define CONSORT_NODE_DAEMON_STREAM_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "consort/v1/session.pb.h"

namespace consort::node {

class Stream {
 public:
  // Ends the stream. Callbacks that are under way may still arrive.
  virtual ~Stream() = default;
  // Queues a message; never blocks. Messages of a stream that has ended are dropped.
  virtual void Write(const v1::Envelope& envelope) = 0;
};

class StreamFactory {
 public:
  // Called on any thread. `on_closed` comes once, last, with the reason.
  struct Callbacks {
    std::function<void(v1::Envelope)> on_message;
    std::function<void(absl::Status)> on_closed;
  };
  virtual ~StreamFactory() = default;
  // Starts to connect and returns at once; a failure to connect arrives as on_closed.
  virtual std::unique_ptr<Stream> Open(Callbacks callbacks) = 0;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_STREAM_H_
