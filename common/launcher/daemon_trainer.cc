#include "common/launcher/daemon_trainer.h"

#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

namespace consort {
namespace {

constexpr absl::Duration kSocketRetry = absl::Milliseconds(200);
constexpr int kSocketAttempts = 50;  // 10 s: twice the launcher's grace

}  // namespace

absl::StatusOr<std::unique_ptr<Launcher>> StartTrainer(const DaemonTrainer& trainer) {
  if (trainer.program.empty()) return std::unique_ptr<Launcher>();
  LauncherConfig launcher;
  launcher.socket_path = trainer.socket_path;
  launcher.program = trainer.program;
  launcher.arguments = {"--config", trainer.config_path, "--socket-fd", "3"};
  // Nothing tells us when an earlier trainer is gone but the socket.
  absl::StatusOr<std::unique_ptr<Launcher>> started = Launcher::Start(launcher);
  for (int attempt = 0; attempt < kSocketAttempts && absl::IsAlreadyExists(started.status()); ++attempt) {
    absl::SleepFor(kSocketRetry);
    started = Launcher::Start(launcher);
  }
  return started;
}

void LogTrainerEnds(Launcher* launcher, const char* daemon) {
  if (launcher == nullptr) return;
  launcher->Watch([daemon](const TrainerEvent& event) {
    if (event.kind == TrainerEvent::Kind::kLauncherGone) {
      spdlog::critical("the launcher is gone; restart {} to have a trainer again", daemon);
    } else {
      spdlog::error("the trainer ended with code {}; it is started again", event.exit_code);
    }
  });
}

}  // namespace consort
