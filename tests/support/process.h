// A child process of a test, with its output collected and its end certain.
#ifndef CONSORT_TESTS_SUPPORT_PROCESS_H_
#define CONSORT_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/sync/mutex.h"

namespace consort::testing {

struct ProcessOptions {
  std::vector<std::string> arguments;              // arguments[0] is the program
  std::map<std::string, std::string> environment;  // added to ours
};

// Starts at construction, in a process group of its own. Killed, with its group, at destruction if it still
// runs. Calls from one thread.
class Process {
 public:
  explicit Process(const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  // True once `text` has appeared on stdout or stderr; false when the process ended or `limit` passed first.
  bool WaitForOutput(const std::string& text, absl::Duration limit);
  // Exit code, 128 + signal for a killed one; -1 when `limit` passed first.
  int Wait(absl::Duration limit);
  void Signal(int signal);
  // To its whole process group, as a terminal does at Ctrl-C.
  void SignalGroup(int signal);
  // SIGKILL to the process alone, and waits for its end.
  void Kill();
  bool Running();
  // Everything written so far to stdout and stderr, in the order it arrived.
  std::string Output();
  std::string StandardOutput();

 private:
  void Collect(int descriptor, bool standard_output);
  bool Reap(bool block);

  pid_t pid_ = -1;
  int exit_code_ = -1;
  bool ended_ = false;
  Mutex mutex_;
  CondVar changed_;
  std::string output_ CONSORT_GUARDED_BY(mutex_);
  std::string standard_output_ CONSORT_GUARDED_BY(mutex_);
  int open_streams_ CONSORT_GUARDED_BY(mutex_) = 2;
  std::thread stdout_reader_;
  std::thread stderr_reader_;
};

// The running processes whose parent is `parent`.
std::vector<pid_t> ChildrenOf(pid_t parent);
// The running processes in whose environment `text` stands: a mark that children inherit. Zombies have none.
std::vector<pid_t> ProcessesMarked(const std::string& text);

struct Finished {
  int exit_code = -1;
  std::string output;  // both streams
  std::string standard_output;
};
// Runs a program to its end. The exit code is -1 if it was stopped at `limit`.
Finished RunToEnd(const ProcessOptions& options, absl::Duration limit = absl::Seconds(60));

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_PROCESS_H_
