#include "common/launcher/launcher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/launcher/listening_socket.h"
#include "common/launcher/trainer_supervisor.h"
#include "common/sandbox/sandbox.h"
#include "common/status/macros.h"

namespace consort {
namespace {

absl::Status RequireFreshProcess() {
  ASSIGN_OR_RETURN(const int threads, CountThreads());
  if (threads == 1) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the launcher is forked before the first thread starts: threads ", threads));
}

absl::Status RequireProgram(const std::string& program) {
  if (program.empty() || program[0] != '/') {
    return absl::InvalidArgumentError(
        absl::StrCat("the trainer's program needs an absolute path: \"", program, "\""));
  }
  if (access(program.c_str(), X_OK) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("the trainer's program cannot be run: ", program));
}

// Waits for the launcher to end by itself. It kills the trainer after kStopGrace; the second more is for
// that.
bool EndsByItself(pid_t launcher) {
  const int watched = static_cast<int>(syscall(SYS_pidfd_open, launcher, 0));
  if (watched < 0) return false;
  pollfd ended = {watched, POLLIN, 0};
  const int limit_ms = static_cast<int>((Launcher::kStopGrace + absl::Seconds(1)) / absl::Milliseconds(1));
  int ready = 0;
  do {
    ready = poll(&ended, 1, limit_ms);
  } while (ready < 0 && errno == EINTR);
  close(watched);
  return ready > 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Launcher>> Launcher::Start(const LauncherConfig& config) {
  RETURN_IF_ERROR(RequireFreshProcess());
  RETURN_IF_ERROR(RequireProgram(config.program));
  ASSIGN_OR_RETURN(const int listener, ListenOnUnixSocket(config.socket_path));
  int control[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0) {
    close(listener);
    return absl::ErrnoToStatus(errno, "the launcher's control pipe cannot be made");
  }
  const pid_t pid = fork();
  if (pid == 0) {
    close(control[0]);
    TrainerSupervisor(config, listener, control[1]).Run();
  }
  close(listener);
  close(control[1]);
  if (pid < 0) {
    close(control[0]);
    return absl::ErrnoToStatus(errno, "the launcher cannot be forked");
  }
  return absl::WrapUnique(new Launcher(pid, control[0]));
}

Launcher::~Launcher() {
  stopping_ = true;
  shutdown(control_, SHUT_WR);
  if (!EndsByItself(pid_)) kill(pid_, SIGKILL);  // and the kernel kills the trainer with it
  waitpid(pid_, nullptr, 0);
  if (watcher_.joinable()) watcher_.join();  // its end of the pipe closed with the launcher
  close(control_);
}

void Launcher::KillTrainer() {
  send(control_, &kKillTrainer, sizeof(kKillTrainer), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Launcher::Watch(std::function<void(const TrainerEvent&)> event) {
  watcher_ = std::thread([this, event = std::move(event)] {
    ExitReport report = {};
    ssize_t received = 0;
    do {
      received = recv(control_, &report, sizeof(report), 0);
      if (received == sizeof(report) && !stopping_)
        event({TrainerEvent::Kind::kExited, report.pid, report.exit_code});
    } while (received > 0 || (received < 0 && errno == EINTR));
    if (!stopping_) event({TrainerEvent::Kind::kLauncherGone});
  });
}

}  // namespace consort
