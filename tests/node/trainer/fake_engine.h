// An Engine without recordings or LibTorch: what it does is said in the header's round_id.
#ifndef CONSORT_TESTS_NODE_TRAINER_FAKE_ENGINE_H_
#define CONSORT_TESTS_NODE_TRAINER_FAKE_ENGINE_H_

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/trainer/engine.h"

namespace consort::trainer {

class FakeEngine final : public Engine {
 public:
  absl::Status Scan(const Stop&) override { return absl::OkStatus(); }

  // The version ends with the process id.
  v1::DescribeResponse Describe() const override {
    v1::DescribeResponse response;
    response.set_trainer_version(absl::StrCat("fake ", getpid()));
    return response;
  }

  // The state is the base, twice.
  absl::StatusOr<Prepared> Prepare(const v1::JobSpec& spec, absl::string_view base) override {
    return Prepared{{absl::StrCat("manifest of ", spec.name())},
                    absl::StrCat(base, base),
                    absl::StrCat("last manifest of ", spec.name())};
  }

  absl::StatusOr<v1::PlanResponse> Plan(const v1::JobSpec& spec) override {
    v1::PlanResponse response;
    response.set_trainer_version(spec.name());
    return response;
  }

  // Values 0, 1, 2, ...: 1000 times the round's number. "until-stopped": first runs until it is stopped;
  // "long-step": first is silent for 3 s; "no-usable-recording": fails so.
  absl::StatusOr<v1::TrainResult> Train(const v1::JobSpec&, const v1::TrainHeader& header,
                                        absl::string_view base, absl::string_view state,
                                        const Progress& progress, const TakeValues& values,
                                        const Stop& stop) override {
    if (header.round_id() == "no-usable-recording") {
      return absl::FailedPreconditionError("no-usable-recording: nothing to train on");
    }
    progress({});
    if (header.round_id() == "long-step") std::this_thread::sleep_for(std::chrono::seconds(3));
    while (header.round_id() == "until-stopped" && !stop) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));  // a training step
    }
    if (stop) return absl::CancelledError("stopped");
    std::vector<float> all(1000 * header.round_number());
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<float>(i);
    if (absl::Status taken = values(all); !taken.ok()) return taken;
    v1::TrainResult result;
    result.set_training_seconds(base.size());
    result.set_windows(state.size());
    return result;
  }

  // A score whose tradition says how the engine's thread fared with a socket and with /etc/hosts.
  absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::JobSpec&, const v1::EvaluateHeader&,
                                              absl::string_view base, absl::string_view before,
                                              absl::string_view after, const Progress&,
                                              const Stop&) override {
    const std::string socket_outcome = socket(AF_INET, SOCK_STREAM, 0) >= 0 ? "ok" : strerrorname_np(errno);
    const std::string file_outcome = open("/etc/hosts", O_RDONLY) >= 0 ? "ok" : strerrorname_np(errno);
    v1::EvaluateResult result;
    result.add_scores()->set_tradition(absl::StrCat("socket ", socket_outcome, ", file ", file_outcome));
    result.set_listening_files(base.size() + 10 * before.size() + 100 * after.size());
    return result;
  }

  absl::StatusOr<std::string> Render(const v1::JobSpec&, const v1::RenderHeader&, absl::string_view,
                                     absl::string_view, const Stop&) override {
    return std::string("RIFF");
  }
};

}  // namespace consort::trainer

#endif  // CONSORT_TESTS_NODE_TRAINER_FAKE_ENGINE_H_
