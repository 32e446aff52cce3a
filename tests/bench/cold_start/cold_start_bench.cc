// Starts consort-trainer as a launcher does and asks it to describe itself until it has read its recordings.
// Prints {"seconds": from exec to that answer, "recordings": that it describes}.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/launcher/listening_socket.h"
#include "common/trainer_client/grpc_trainer.h"

namespace consort {
namespace {

constexpr absl::Duration kLimit = absl::Minutes(2);

struct Options {
  std::string trainer, config, socket;
};

struct Figures {
  double seconds = 0;
  uint32_t recordings = 0;
};

pid_t Start(const Options& options, int listener) {
  const pid_t child = fork();
  if (child != 0) return child;
  const std::string inherited = std::to_string(dup(listener));  // without close-on-exec
  execl(options.trainer.c_str(), options.trainer.c_str(), "--config", options.config.c_str(), "--socket-fd",
        inherited.c_str(), nullptr);
  _exit(127);
}

absl::StatusOr<Figures> Await(const Options& options, absl::Time start) {
  GrpcTrainer trainer({options.socket, nullptr, {.start = kLimit}});
  absl::StatusOr<v1::DescribeResponse> description = trainer.Describe();
  while (absl::IsUnavailable(description.status()) && absl::Now() - start < kLimit) {
    absl::SleepFor(absl::Milliseconds(1));
    description = trainer.Describe();
  }
  if (!description.ok()) return description.status();
  Figures figures{absl::ToDoubleSeconds(absl::Now() - start), 0};
  for (const v1::TraditionSupply& supply : description->supplies()) {
    figures.recordings += supply.training_recordings() + supply.holdout_recordings();
  }
  return figures;
}

absl::StatusOr<Figures> Measure(const Options& options) {
  const absl::StatusOr<int> listener = ListenOnUnixSocket(options.socket);
  if (!listener.ok()) return listener.status();
  const absl::Time start = absl::Now();
  const pid_t child = Start(options, *listener);
  if (child < 0) return absl::InternalError("cannot fork");
  close(*listener);
  absl::StatusOr<Figures> figures = Await(options, start);
  kill(child, SIGTERM);
  waitpid(child, nullptr, 0);
  return figures;
}

}  // namespace
}  // namespace consort

int main(int argc, char** argv) {
  consort::Options options;
  CLI::App app("Times consort-trainer's start.", "bench_cold_start");
  app.add_option("--trainer", options.trainer, "the program")->required();
  app.add_option("--config", options.config, "trainer.toml")->required();
  app.add_option("--socket", options.socket, "path of a socket to make")->required();
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<consort::Figures> figures = consort::Measure(options);
  if (!figures.ok()) {
    fprintf(stderr, "bench_cold_start: %s\n", std::string(figures.status().message()).c_str());
    return 1;
  }
  printf("{\"seconds\": %.4f, \"recordings\": %u}\n", figures->seconds, figures->recordings);
}
