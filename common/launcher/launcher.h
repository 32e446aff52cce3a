// The process that starts the trainer and keeps it running, as the daemon sees it. It is forked before the
// daemon restricts itself, because a trainer started by a restricted process would inherit restrictions that
// are not its own (Landlock would hide the recordings from it). It speaks no gRPC and makes no connection.
//
//   daemon --fork--> launcher --fork, exec--> trainer (listening socket as descriptor 3)
//      \__ control pipe __/
#ifndef CONSORT_COMMON_LAUNCHER_LAUNCHER_H_
#define CONSORT_COMMON_LAUNCHER_LAUNCHER_H_

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace consort {

struct LauncherConfig {
  std::string socket_path;             // made here, mode 0660; at most 107 bytes
  std::string program;                 // absolute path
  std::vector<std::string> arguments;  // after the program's name; "--socket-fd 3" is the caller's to add
};

struct TrainerEvent {
  enum class Kind { kExited, kLauncherGone };
  Kind kind = Kind::kExited;
  pid_t pid = 0;      // kExited: the trainer that ended; another is started after a pause
  int exit_code = 0;  // kExited: its exit code, or 128 + the signal that ended it
};

// One trainer for the life of this object. However the daemon ends, SIGKILL included, the launcher sees its
// pipe close and takes the trainer with it; if the launcher is killed, the kernel kills the trainer.
class Launcher {
 public:
  // A trainer that ended is started again after this pause, doubled each time up to the limit, and back at
  // the start once a trainer has run for kSteadyRun. A call waits up to 10 s for a trainer
  // (LivenessLimits::start): the limit leaves it time to load.
  static constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
  static constexpr absl::Duration kLongestPause = absl::Seconds(5);
  static constexpr absl::Duration kSteadyRun = absl::Seconds(30);
  // From SIGTERM to SIGKILL when the daemon ends.
  static constexpr absl::Duration kStopGrace = absl::Seconds(5);

  // Makes the socket (an abandoned one at the path is replaced), forks the launcher and has it start the
  // trainer. Call first in main: one thread, nothing open, not restricted. Errors: FailedPrecondition when
  // other threads run; InvalidArgument for a path that is too long or relative; NotFound or PermissionDenied
  // when the program cannot be run or the socket's folder cannot be written; AlreadyExists when another
  // process listens at the path or something else than a socket is there.
  static absl::StatusOr<std::unique_ptr<Launcher>> Start(const LauncherConfig& config);

  // Stops the trainer (SIGTERM, after kStopGrace SIGKILL) and the launcher; removes the socket.
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // The launcher's own process id.
  pid_t pid() const { return pid_; }

  // Asks for SIGKILL to the trainer that runs now, for one that is stuck; it is started again like any that
  // ended. Any thread.
  void KillTrainer();

  // Calls `event` from a thread of its own for each trainer that ends, and when the launcher itself is gone
  // (then no trainer will be started any more; restart the daemon). At most once, after the process
  // restricted itself.
  void Watch(std::function<void(const TrainerEvent&)> event);

 private:
  Launcher(pid_t pid, int control) : pid_(pid), control_(control) {}

  const pid_t pid_;
  const int control_;
  std::atomic<bool> stopping_ = false;  // the end that we bring about is no event
  std::thread watcher_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_LAUNCHER_LAUNCHER_H_
