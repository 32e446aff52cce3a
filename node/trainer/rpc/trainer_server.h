// Serves an engine on an inherited listening socket until a signal says to end.
#ifndef CONSORT_NODE_TRAINER_RPC_TRAINER_SERVER_H_
#define CONSORT_NODE_TRAINER_RPC_TRAINER_SERVER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "node/trainer/engine.h"

namespace consort::trainer {

// Blocks SIGTERM, and SIGINT unless it is ignored (the launcher ignores it: the daemon decides then), and
// returns a signalfd of them. Call before the first thread starts, so that every thread has them blocked.
// Errors: Internal.
absl::StatusOr<int> TakeEndingSignals();

// Reads the recordings (BeginScan) and serves until a signal; then cancels what runs and returns.
// `listener`: listening socket. `signals`: from TakeEndingSignals. `sandboxed`: what Describe reports.
// Errors: those of ServeConnections; Internal when gRPC does not start.
absl::Status ServeEngine(Engine& engine, int listener, int signals, bool sandboxed);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_RPC_TRAINER_SERVER_H_
