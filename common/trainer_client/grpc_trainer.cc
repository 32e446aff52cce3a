#include "common/trainer_client/grpc_trainer.h"

#include <grpcpp/grpcpp.h>

#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/large_frames.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "common/trainer_client/artifact_sender.h"
#include "consort/v1/trainer.grpc.pb.h"

namespace consort {
namespace {

std::shared_ptr<grpc::Channel> Connect(const std::string& socket_path) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // each channel a connection of its own
  UseLargeFrames(arguments);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel("unix:" + socket_path, grpc::InsecureChannelCredentials(), arguments);
}

constexpr uint64_t kLargestReserve = 1 << 30;  // more than that is believed when it has come

absl::Status MissingResult() { return absl::InternalError("the trainer ended a call without its result"); }

// Hands one message's values on, from memory aligned for floats.
absl::Status TakePart(const std::string& bytes, const Trainer::TakeValues& take) {
  if (bytes.size() % sizeof(float) != 0) {
    return absl::InternalError(
        absl::StrCat("the trainer sent values that are no whole floats: bytes ", bytes.size()));
  }
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return take(values);
}

}  // namespace

struct GrpcTrainer::Connections {
  std::shared_ptr<grpc::Channel> liveness;
  std::unique_ptr<v1::TrainerService::Stub> calls;
};

// One bounded call: watched from its start to its end, cancellable, its failure given the trainer's name for
// it.
class GrpcTrainer::Call {
 public:
  // `limit`: deadline of the whole call, for those that are short. `cancellation`: may be null.
  Call(const GrpcTrainer& trainer, std::optional<absl::Duration> limit, Cancellation* cancellation)
      : cancellation_(cancellation),
        watch_(trainer.connections_->liveness, trainer.options_.limits, context_, trainer.options_.on_stuck) {
    if (cancellation_ != nullptr) {
      cancellation_->OnCancel([this] {
        context_.TryCancel();
        watch_.Stop();
      });
    }
    watch_.WaitForTrainer();
    context_.set_wait_for_ready(true);
    if (limit) context_.set_deadline(absl::ToChronoTime(absl::Now() + *limit));
  }
  ~Call() {
    if (cancellation_ != nullptr) cancellation_->OnCancel(nullptr);
  }

  grpc::ClientContext& context() { return context_; }

  // Sends header and artifacts, reads the answers, ends the call. `header` and `part` make the request's
  // messages; `take` gets each event, and its failure ends the call with that status.
  template <class Request, class Event, class Header>
  absl::Status Exchange(grpc::ClientReaderWriter<Request, Event>& stream, const Header& header,
                        const std::vector<std::pair<absl::string_view, std::string>>& artifacts,
                        const std::function<absl::Status(const Event&)>& take) {
    absl::Status ours = SendAll<Request>(stream, header, artifacts);
    Event event;
    while (ours.ok() && stream.Read(&event)) ours = take(event);
    if (!ours.ok()) context_.TryCancel();
    const grpc::Status status = stream.Finish();
    return ours.ok() ? End(status) : ours;
  }

  // Stops the watch and says what `status` means.
  absl::Status End(const grpc::Status& status) {
    const LivenessWatch::Verdict verdict = watch_.End();
    if (status.ok()) return absl::OkStatus();
    if (verdict == LivenessWatch::Verdict::kStuck) {
      return absl::UnavailableError(
          "trainer-stuck: the trainer gave no sign of life for too long; its task is lost");
    }
    if (cancellation_ != nullptr && cancellation_->cancelled())
      return absl::CancelledError("cancelled on request");
    const bool answered =
        !status.error_details().empty() && status.error_code() != grpc::StatusCode::CANCELLED;
    if (answered) return FromGrpcStatus(status);
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      return absl::UnavailableError(
          "trainer-busy: the trainer did not answer in time; another task may be running");
    }
    return absl::UnavailableError(
        "trainer-crashed: the trainer ended or nobody answers on its socket; its task is lost, its log says "
        "why");
  }

 private:
  template <class Request, class Event, class Header>
  absl::Status SendAll(grpc::ClientReaderWriter<Request, Event>& stream, const Header& header,
                       const std::vector<std::pair<absl::string_view, std::string>>& artifacts) {
    Request request;
    *request.mutable_header() = header;
    stream.Write(request);  // when the stream is broken, Finish says why
    for (const auto& [name, path] : artifacts) {
      RETURN_IF_ERROR(SendArtifact(name, path, [&](v1::ArtifactPart part) {
        *request.mutable_artifact() = std::move(part);
        return stream.Write(request);
      }));
    }
    stream.WritesDone();
    return absl::OkStatus();
  }

  Cancellation* const cancellation_;
  grpc::ClientContext context_;
  LivenessWatch watch_;
};

GrpcTrainer::GrpcTrainer(Options options)
    : options_(std::move(options)),
      connections_(new Connections{Connect(options_.socket_path),
                                   v1::TrainerService::NewStub(Connect(options_.socket_path))}) {}
GrpcTrainer::~GrpcTrainer() = default;

absl::StatusOr<v1::DescribeResponse> GrpcTrainer::Describe() {
  Call call(*this, kDescribeLimit, nullptr);
  v1::DescribeResponse response;
  RETURN_IF_ERROR(call.End(connections_->calls->Describe(&call.context(), {}, &response)));
  return response;
}

absl::StatusOr<v1::PlanResponse> GrpcTrainer::Plan(absl::string_view spec) {
  Call call(*this, kQueueLimit, nullptr);
  v1::PlanRequest request;
  request.set_spec(std::string(spec));
  v1::PlanResponse response;
  RETURN_IF_ERROR(call.End(connections_->calls->Plan(&call.context(), request, &response)));
  return response;
}

absl::StatusOr<Trainer::Prepared> GrpcTrainer::Prepare(absl::string_view spec, const std::string& base_path) {
  Call call(*this, kQueueLimit, nullptr);
  v1::PrepareHeader header;
  header.set_spec(std::string(spec));
  Prepared prepared;
  const auto stream = connections_->calls->Prepare(&call.context());
  RETURN_IF_ERROR((call.Exchange<v1::PrepareRequest, v1::PrepareEvent>(
      *stream, header, {{"base", base_path}}, [&](const v1::PrepareEvent& event) {
        for (const std::string& manifest : event.result().manifests()) prepared.manifests.push_back(manifest);
        if (event.has_result()) prepared.last_manifest = event.result().last_manifest();
        const uint64_t announced = event.artifact().total_bytes();
        if (announced <= kLargestReserve) prepared.state.reserve(announced);  // growing would hold it twice
        prepared.state += event.artifact().data();
        return absl::OkStatus();
      })));
  return prepared;
}

absl::StatusOr<v1::TrainResult> GrpcTrainer::Train(const v1::TrainHeader& header,
                                                   const TrainerArtifacts& artifacts,
                                                   const Progress& progress, const TakeValues& values,
                                                   Cancellation& cancellation) {
  Call call(*this, std::nullopt, &cancellation);
  std::optional<v1::TrainResult> result;
  const auto stream = connections_->calls->Train(&call.context());
  RETURN_IF_ERROR((call.Exchange<v1::TrainRequest, v1::TrainEvent>(
      *stream, header, {{"base", artifacts.base_path}, {"state", artifacts.state_path}},
      [&](const v1::TrainEvent& event) -> absl::Status {
        if (event.has_progress() && progress) progress(event.progress());
        if (event.has_result()) result = event.result();
        return event.has_values() ? TakePart(event.values(), values) : absl::OkStatus();
      })));
  if (!result) return MissingResult();
  return *std::move(result);
}

absl::StatusOr<v1::EvaluateResult> GrpcTrainer::Evaluate(const v1::EvaluateHeader& header,
                                                         const TrainerArtifacts& artifacts,
                                                         const Progress& progress,
                                                         Cancellation& cancellation) {
  Call call(*this, std::nullopt, &cancellation);
  std::optional<v1::EvaluateResult> result;
  const auto stream = connections_->calls->Evaluate(&call.context());
  RETURN_IF_ERROR((call.Exchange<v1::EvaluateRequest, v1::EvaluateEvent>(
      *stream, header,
      {{"base", artifacts.base_path}, {"before", artifacts.before_path}, {"after", artifacts.after_path}},
      [&](const v1::EvaluateEvent& event) {
        if (event.has_progress() && progress) progress(event.progress());
        if (event.has_result()) result = event.result();
        return absl::OkStatus();
      })));
  if (!result) return MissingResult();
  return *std::move(result);
}

}  // namespace consort
