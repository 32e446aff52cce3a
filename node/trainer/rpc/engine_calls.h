// What each streamed call of the service does on the worker's thread: its header and artifacts to the engine,
// the engine's results to messages of at most 1 MiB. Errors: the engine's; Cancelled and DeadlineExceeded
// from StreamCall::Send; InvalidArgument "artifact-damaged" for a specification that is none.
#ifndef CONSORT_NODE_TRAINER_RPC_ENGINE_CALLS_H_
#define CONSORT_NODE_TRAINER_RPC_ENGINE_CALLS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "node/trainer/engine.h"
#include "node/trainer/rpc/stream_call.h"

namespace consort::trainer {

using PrepareCall = StreamCall<v1::PrepareRequest, v1::PrepareEvent>;
using TrainCall = StreamCall<v1::TrainRequest, v1::TrainEvent>;
using EvaluateCall = StreamCall<v1::EvaluateRequest, v1::EvaluateEvent>;
using RenderCall = StreamCall<v1::RenderRequest, v1::RenderEvent>;

// trainer.proto's limit for the bytes of one message.
inline constexpr size_t kMaxPartBytes = 1 << 20;

absl::StatusOr<v1::JobSpec> ParseSpec(const std::string& bytes);

absl::Status RunPrepare(Engine& engine, PrepareCall& call);
absl::Status RunTrain(Engine& engine, TrainCall& call);
absl::Status RunEvaluate(Engine& engine, EvaluateCall& call);
absl::Status RunRender(Engine& engine, RenderCall& call);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_RPC_ENGINE_CALLS_H_
