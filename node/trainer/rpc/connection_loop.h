// Accepts the daemon's connections on the inherited socket. gRPC cannot listen inside the sandbox (it makes
// and binds sockets of its own), but it serves a descriptor that somebody else accepted.
#ifndef CONSORT_NODE_TRAINER_RPC_CONNECTION_LOOP_H_
#define CONSORT_NODE_TRAINER_RPC_CONNECTION_LOOP_H_

#include <grpcpp/server.h>

#include "absl/status/status.h"

namespace consort::trainer {

// Hands each connection of `listener` to `server` until `signals` (a signalfd) has something to read, then
// returns OK. Both descriptors stay the caller's; `listener` becomes non-blocking.
// Errors: InvalidArgument when `listener` is no listening socket; Internal when accepting fails for good.
absl::Status ServeConnections(int listener, int signals, grpc::Server& server);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_RPC_CONNECTION_LOOP_H_
