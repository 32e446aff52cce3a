#include "common/launcher/trainer_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace consort {
namespace {

constexpr int kTrainerSocket = 3;         // the descriptor that the trainer finds its listening socket at
constexpr int kProgramNotRunnable = 127;  // as a shell says it

int ExitCodeOf(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

sigset_t TakenSignals() {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGCHLD);
  sigaddset(&taken, SIGTERM);
  return taken;
}

}  // namespace

void TrainerSupervisor::Run() {
  prctl(PR_SET_NAME, "consort-launch");
  TakeSignals();
  StartTrainer();
  while (!stopping_ || trainer_ != 0) {
    pollfd ready[] = {{control_, static_cast<short>(stopping_ ? 0 : POLLIN), 0}, {signals_, POLLIN, 0}};
    if (stopping_) ready[0].fd = -1;  // a closed pipe would wake the loop again and again
    if (poll(ready, 2, MillisecondsToNextTimer()) < 0 && errno != EINTR) break;
    if (ready[1].revents != 0) HandleSignal();
    if (ready[0].revents != 0) HandleDaemon();
    HandleTimers();
  }
  unlink(config_.socket_path.c_str());
  _exit(0);
}

// SIGINT and SIGHUP reach every process of a terminal: the daemon decides what they mean, and it may still
// need the trainer to drain. Ignored signals stay ignored in the trainer.
void TrainerSupervisor::TakeSignals() {
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  const sigset_t taken = TakenSignals();
  sigprocmask(SIG_SETMASK, &taken, nullptr);
  signals_ = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

void TrainerSupervisor::StartTrainer() {
  restart_at_.reset();
  started_at_ = Clock::now();
  const pid_t launcher = getpid();
  const pid_t child = fork();
  if (child == 0) BecomeTrainer(launcher);
  if (child > 0) {
    trainer_ = child;
    return;
  }
  restart_at_ =
      Clock::now() + absl::ToChronoNanoseconds(Launcher::kLongestPause);  // no process to be had now
}

void TrainerSupervisor::BecomeTrainer(pid_t launcher) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launcher) _exit(kProgramNotRunnable);  // it died before the line above took hold
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  // dup2 onto itself would leave the descriptor to be closed by exec.
  if (listener_ == kTrainerSocket) {
    fcntl(listener_, F_SETFD, 0);
  } else {
    dup2(listener_, kTrainerSocket);
  }
  close_range(kTrainerSocket + 1, ~0U, 0);

  std::vector<char*> arguments = {const_cast<char*>(config_.program.c_str())};
  for (const std::string& argument : config_.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(config_.program.c_str(), arguments.data());
  _exit(kProgramNotRunnable);
}

void TrainerSupervisor::HandleSignal() {
  signalfd_siginfo info;
  while (read(signals_, &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGTERM) BeginStop();
    if (info.ssi_signo == SIGCHLD) ReapTrainer();
  }
}

void TrainerSupervisor::ReapTrainer() {
  int wait_status = 0;
  if (trainer_ == 0 || waitpid(trainer_, &wait_status, WNOHANG) != trainer_) return;
  const ExitReport report = {trainer_, ExitCodeOf(wait_status)};
  send(control_, &report, sizeof(report),
       MSG_DONTWAIT | MSG_NOSIGNAL);  // a daemon that does not listen misses it
  trainer_ = 0;
  kill_at_.reset();
  if (stopping_) return;

  const Clock::time_point now = Clock::now();
  const auto first = absl::ToChronoNanoseconds(Launcher::kFirstPause);
  const bool steady = now - started_at_ >= absl::ToChronoNanoseconds(Launcher::kSteadyRun);
  const bool first_failure = pause_ == Clock::duration::zero();
  pause_ = steady || first_failure
               ? first
               : std::min<Clock::duration>(2 * pause_, absl::ToChronoNanoseconds(Launcher::kLongestPause));
  restart_at_ = now + pause_;
}

void TrainerSupervisor::HandleDaemon() {
  char request = 0;
  const ssize_t received = recv(control_, &request, sizeof(request), MSG_DONTWAIT);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) {
    BeginStop();  // the daemon closed its end, or is no more
  } else if (request == kKillTrainer && trainer_ != 0) {
    kill(trainer_, SIGKILL);
  }
}

void TrainerSupervisor::BeginStop() {
  if (stopping_) return;
  stopping_ = true;
  restart_at_.reset();
  if (trainer_ == 0) return;
  kill(trainer_, SIGTERM);
  kill_at_ = Clock::now() + absl::ToChronoNanoseconds(Launcher::kStopGrace);
}

void TrainerSupervisor::HandleTimers() {
  const Clock::time_point now = Clock::now();
  if (kill_at_ && now >= *kill_at_) {
    kill_at_.reset();
    if (trainer_ != 0) kill(trainer_, SIGKILL);
  }
  if (restart_at_ && now >= *restart_at_) StartTrainer();
}

int TrainerSupervisor::MillisecondsToNextTimer() const {
  const auto& next = kill_at_ ? kill_at_ : restart_at_;  // never both: stopping_ cancels the restart
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now());
  return std::max<int>(0, static_cast<int>(left.count()));
}

}  // namespace consort
