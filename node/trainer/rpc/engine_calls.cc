#include "node/trainer/rpc/engine_calls.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "common/status/macros.h"

namespace consort::trainer {
namespace {

static_assert(std::endian::native == std::endian::little, "trainer.proto's values are little-endian");

// A failed Send shows in the call's stop flag, which the engine looks at once a step.
template <class Event, class Call>
Engine::Progress SendProgress(Call& call) {
  return [&call](const v1::TrainProgress& progress) {
    Event event;
    *event.mutable_progress() = progress;
    call.Send(std::move(event)).IgnoreError();
  };
}

absl::Status SendValues(TrainCall& call, absl::Span<const float> values) {
  constexpr size_t kValuesInPart = kMaxPartBytes / sizeof(float);
  for (size_t begin = 0; begin < values.size(); begin += kValuesInPart) {
    const absl::Span<const float> part = values.subspan(begin, kValuesInPart);
    v1::TrainEvent event;
    event.set_values(part.data(), part.size() * sizeof(float));
    RETURN_IF_ERROR(call.Send(std::move(event)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::JobSpec> ParseSpec(const std::string& bytes) {
  v1::JobSpec spec;
  if (spec.ParseFromString(bytes)) return spec;
  return absl::InvalidArgumentError("artifact-damaged: the job's specification is no serialized JobSpec");
}

absl::Status RunPrepare(Engine& engine, PrepareCall& call) {
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ParseSpec(call.header().spec()));
  ASSIGN_OR_RETURN(const Engine::Prepared prepared, engine.Prepare(spec, call.artifacts().Get("base")));
  v1::PrepareEvent first;
  for (const std::string& manifest : prepared.manifests) first.mutable_result()->add_manifests(manifest);
  first.mutable_result()->set_last_manifest(prepared.last_manifest);
  RETURN_IF_ERROR(call.Send(std::move(first)));
  for (size_t begin = 0; begin < prepared.state.size(); begin += kMaxPartBytes) {
    v1::PrepareEvent event;
    event.mutable_artifact()->set_name("state");
    event.mutable_artifact()->set_total_bytes(prepared.state.size());
    event.mutable_artifact()->set_data(prepared.state.substr(begin, kMaxPartBytes));
    RETURN_IF_ERROR(call.Send(std::move(event)));
  }
  return absl::OkStatus();
}

absl::Status RunTrain(Engine& engine, TrainCall& call) {
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ParseSpec(call.header().spec()));
  ASSIGN_OR_RETURN(
      v1::TrainResult result,
      engine.Train(
          spec, call.header(), call.artifacts().Get("base"), call.artifacts().Get("state"),
          SendProgress<v1::TrainEvent>(call),
          [&call](absl::Span<const float> values) { return SendValues(call, values); }, call.stop()));
  v1::TrainEvent event;
  *event.mutable_result() = std::move(result);
  return call.Send(std::move(event));
}

absl::Status RunEvaluate(Engine& engine, EvaluateCall& call) {
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ParseSpec(call.header().spec()));
  ASSIGN_OR_RETURN(
      v1::EvaluateResult result,
      engine.Evaluate(spec, call.header(), call.artifacts().Get("base"), call.artifacts().Get("before"),
                      call.artifacts().Get("after"), SendProgress<v1::EvaluateEvent>(call), call.stop()));
  v1::EvaluateEvent event;
  *event.mutable_result() = std::move(result);
  return call.Send(std::move(event));
}

absl::Status RunRender(Engine& engine, RenderCall& call) {
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ParseSpec(call.header().spec()));
  ASSIGN_OR_RETURN(const std::string wav, engine.Render(spec, call.header(), call.artifacts().Get("base"),
                                                        call.artifacts().Get("state"), call.stop()));
  for (size_t begin = 0; begin < wav.size(); begin += kMaxPartBytes) {
    v1::RenderEvent event;
    event.set_wav(wav.substr(begin, kMaxPartBytes));
    RETURN_IF_ERROR(call.Send(std::move(event)));
  }
  return absl::OkStatus();
}

}  // namespace consort::trainer
