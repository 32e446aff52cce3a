// consort-null-trainer: the trainer's real service over NullTrainer, so that real daemons can be tested and
// measured without LibTorch or recordings. Built for tests and benchmarks only; takes consort-trainer's
// arguments.
//
// Environment: CONSORT_NULL_COORDINATES (deltas of the model), CONSORT_NULL_SHARE_OF_CLIP (norm of an update
// as a share of the clip norm), CONSORT_NULL_TRAIN_MILLIS (how long a training takes), CONSORT_NULL_TRADITION
// and CONSORT_NULL_SCORE_AFTER (its name and the distance that evaluations report after; before is 1).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/rpc/grpc_runtime.h"
#include "node/trainer/engine.h"
#include "node/trainer/rpc/trainer_server.h"
#include "tests/support/null_trainer.h"

namespace consort::trainer {
namespace {

constexpr int kListener = 3;
constexpr std::chrono::milliseconds kStep(10);

template <class Number>
Number FromEnvironment(const char* name, Number fallback, bool (*parse)(absl::string_view, Number*)) {
  const char* text = std::getenv(name);
  Number number = fallback;
  if (text != nullptr && !parse(text, &number)) {
    std::fprintf(stderr, "%s is not a number\n", name);
    std::exit(2);
  }
  return number;
}

class NullEngine final : public Engine {
 public:
  NullEngine(const testing::NullTrainerOptions& options, int64_t train_millis)
      : trainer_(options), train_time_(train_millis) {}

  absl::Status Scan(const Stop&) override { return absl::OkStatus(); }
  v1::DescribeResponse Describe() const override {
    return const_cast<testing::NullTrainer&>(trainer_).Describe().value();
  }

  absl::StatusOr<Prepared> Prepare(const v1::JobSpec& spec, absl::string_view) override {
    absl::StatusOr<Trainer::Prepared> prepared = trainer_.Prepare(spec.SerializeAsString(), "");
    if (!prepared.ok()) return prepared.status();
    return Prepared{std::move(prepared->manifests), std::move(prepared->state)};
  }
  absl::StatusOr<v1::PlanResponse> Plan(const v1::JobSpec& spec) override {
    return trainer_.Plan(spec.SerializeAsString());
  }
  absl::StatusOr<v1::TrainResult> Train(const v1::JobSpec&, const v1::TrainHeader& header, absl::string_view,
                                        absl::string_view, const Progress& progress, const TakeValues& values,
                                        const Stop& stop) override {
    std::fprintf(stderr, "consort-null-trainer: training\n");  // tests wait for it
    const auto end = std::chrono::steady_clock::now() + train_time_;
    while (!stop && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(kStep);  // the training
    if (stop) return absl::CancelledError("stopped");
    Cancellation never;
    return trainer_.Train(header, {}, progress, values, never);
  }
  absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::JobSpec&, const v1::EvaluateHeader& header,
                                              absl::string_view, absl::string_view, absl::string_view,
                                              const Progress& progress, const Stop&) override {
    Cancellation never;
    return trainer_.Evaluate(header, {}, progress, never);
  }
  absl::StatusOr<std::string> Render(const v1::JobSpec&, const v1::RenderHeader&, absl::string_view,
                                     absl::string_view, const Stop&) override {
    return absl::UnimplementedError("the null trainer has no sound");
  }

 private:
  testing::NullTrainer trainer_;
  const std::chrono::milliseconds train_time_;
};

}  // namespace
}  // namespace consort::trainer

int main() {
  using consort::trainer::FromEnvironment;
  consort::PrepareGrpcRuntime();
  consort::testing::NullTrainerOptions options;
  options.coordinates = FromEnvironment<int64_t>("CONSORT_NULL_COORDINATES", 1000, absl::SimpleAtoi<int64_t>);
  options.share_of_clip = FromEnvironment<double>("CONSORT_NULL_SHARE_OF_CLIP", 0.5, absl::SimpleAtod);
  options.score_after =
      FromEnvironment<double>("CONSORT_NULL_SCORE_AFTER", options.score_after, absl::SimpleAtod);
  if (const char* tradition = std::getenv("CONSORT_NULL_TRADITION")) options.tradition = tradition;
  const auto train_millis =
      FromEnvironment<int64_t>("CONSORT_NULL_TRAIN_MILLIS", 0, absl::SimpleAtoi<int64_t>);
  const auto signals = consort::trainer::TakeEndingSignals();
  if (!signals.ok()) return 1;
  consort::trainer::NullEngine engine(options, train_millis);
  return consort::trainer::ServeEngine(engine, consort::trainer::kListener, *signals, /*sandboxed=*/false)
                 .ok()
             ? 0
             : 1;
}
