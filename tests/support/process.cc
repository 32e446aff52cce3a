#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"

namespace consort::testing {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(10);  // waitpid has no deadline of its own

std::string ReadOrEmpty(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// `matches` gets a folder of /proc.
template <class Matches>
std::vector<pid_t> ProcessesWhere(Matches matches) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    int pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    if (matches(entry.path().string())) found.push_back(pid);
  }
  return found;
}

}  // namespace

Process::Process(const ProcessOptions& options) {
  int out[2];
  int err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) std::abort();
  std::vector<char*> arguments;
  for (const std::string& argument : options.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed, by a time limit say, takes it along
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    for (const auto& [name, value] : options.environment)
      setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  setpgid(pid_, pid_);
  close(out[1]);
  close(err[1]);
  stdout_reader_ = std::thread([this, fd = out[0]] { Collect(fd, /*standard_output=*/true); });
  stderr_reader_ = std::thread([this, fd = err[0]] { Collect(fd, /*standard_output=*/false); });
}

Process::~Process() {
  if (!Reap(/*block=*/false)) {
    kill(-pid_, SIGKILL);
    Reap(/*block=*/true);
  }
  kill(-pid_, SIGKILL);  // what the child left behind in its group
  stdout_reader_.join();
  stderr_reader_.join();
}

void Process::Collect(int descriptor, bool standard_output) {
  char buffer[4096];
  while (true) {
    const ssize_t count = read(descriptor, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    MutexLock lock(mutex_);
    if (count <= 0) {
      --open_streams_;
      changed_.NotifyAll();
      break;
    }
    output_.append(buffer, static_cast<size_t>(count));
    if (standard_output) standard_output_.append(buffer, static_cast<size_t>(count));
    changed_.NotifyAll();
  }
  close(descriptor);
}

bool Process::WaitForOutput(const std::string& text, absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  MutexLock lock(mutex_);
  while (output_.find(text) == std::string::npos) {
    const absl::Duration left = end - absl::Now();
    if (open_streams_ == 0 || left <= absl::ZeroDuration()) return false;
    changed_.WaitFor(mutex_, absl::ToChronoMilliseconds(left) + std::chrono::milliseconds(1));
  }
  return true;
}

bool Process::Reap(bool block) {
  if (ended_) return true;
  int status = 0;
  const pid_t reaped = waitpid(pid_, &status, block ? 0 : WNOHANG);
  if (reaped != pid_) return false;
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

int Process::Wait(absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  while (!Reap(/*block=*/false)) {
    if (absl::Now() >= end) return -1;
    absl::SleepFor(kPoll);
  }
  return exit_code_;
}

void Process::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

void Process::SignalGroup(int signal) {
  if (!ended_) kill(-pid_, signal);
}

void Process::Kill() {
  Signal(SIGKILL);
  Reap(/*block=*/true);
}

bool Process::Running() { return !Reap(/*block=*/false); }

std::string Process::Output() {
  MutexLock lock(mutex_);
  return output_;
}

std::string Process::StandardOutput() {
  MutexLock lock(mutex_);
  return standard_output_;
}

std::vector<pid_t> ChildrenOf(pid_t parent) {
  return ProcessesWhere([parent](const std::string& folder) {
    const std::string stat = ReadOrEmpty(folder + "/stat");
    const size_t name_end = stat.rfind(')');  // then: state, parent
    int found = 0;
    return name_end != std::string::npos && std::sscanf(stat.c_str() + name_end, ") %*c %d", &found) == 1 &&
           found == parent;
  });
}

std::vector<pid_t> ProcessesMarked(const std::string& text) {
  return ProcessesWhere([&text](const std::string& folder) {
    return ReadOrEmpty(folder + "/environ").find(text) != std::string::npos;
  });
}

Finished RunToEnd(const ProcessOptions& options, absl::Duration limit) {
  Process process(options);
  Finished finished;
  finished.exit_code = process.Wait(limit);
  if (finished.exit_code < 0) {
    process.Kill();
    return Finished{-1, process.Output(), process.StandardOutput()};
  }
  process.WaitForOutput("\x01 never written: waits for both streams to end", absl::Seconds(5));
  finished.output = process.Output();
  finished.standard_output = process.StandardOutput();
  return finished;
}

}  // namespace consort::testing
