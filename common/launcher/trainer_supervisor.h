// The launcher process itself: one thread, one loop over the daemon's pipe and the signals. Runs after fork
// and never returns to the daemon's main.
#ifndef CONSORT_COMMON_LAUNCHER_TRAINER_SUPERVISOR_H_
#define CONSORT_COMMON_LAUNCHER_TRAINER_SUPERVISOR_H_

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "common/launcher/launcher.h"

namespace consort {

// What the two ends of the control pipe (SOCK_SEQPACKET) send each other.
inline constexpr char kKillTrainer = 'K';  // daemon to launcher
struct ExitReport {                        // launcher to daemon
  pid_t pid;
  int exit_code;
};

class TrainerSupervisor {
 public:
  // `listener`, `control`: descriptors that this process now owns.
  TrainerSupervisor(const LauncherConfig& config, int listener, int control)
      : config_(config), listener_(listener), control_(control) {}

  // Keeps a trainer running until the daemon's end of the pipe closes or SIGTERM comes, then stops it and
  // ends the process.
  [[noreturn]] void Run();

 private:
  using Clock = std::chrono::steady_clock;

  void TakeSignals();
  void StartTrainer();
  [[noreturn]] void BecomeTrainer(pid_t launcher);
  void ReapTrainer();
  void HandleDaemon();
  void HandleSignal();
  void BeginStop();
  void HandleTimers();
  int MillisecondsToNextTimer() const;

  const LauncherConfig& config_;
  const int listener_;
  const int control_;
  int signals_ = -1;
  pid_t trainer_ = 0;  // 0: none runs
  bool stopping_ = false;
  Clock::time_point started_at_;
  Clock::duration pause_{};
  std::optional<Clock::time_point> restart_at_;
  std::optional<Clock::time_point> kill_at_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_LAUNCHER_TRAINER_SUPERVISOR_H_
