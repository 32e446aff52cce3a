// Runs a part of a test in a process of its own: what a process gives up in a sandbox it never gets back.
#ifndef CONSORT_TESTS_COMMON_SANDBOX_CHILD_PROCESS_H_
#define CONSORT_TESTS_COMMON_SANDBOX_CHILD_PROCESS_H_

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

namespace consort::testing {

// A child that ends with what `body` returns written to its parent. The calling process must have one thread.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<std::string()>& body) {
    int ends[2];
    if (pipe(ends) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      const std::string result = body();
      if (write(ends[1], result.data(), result.size()) < 0) _exit(1);
      _exit(0);
    }
    close(ends[1]);
    output_ = ends[0];
  }

  // Waits for the end and returns what the body returned, or how the child died.
  std::string Result() {
    std::string result;
    char buffer[4096];
    for (ssize_t n; (n = read(output_, buffer, sizeof(buffer))) > 0;) result.append(buffer, n);
    close(output_);
    int status = 0;
    waitpid(pid_, &status, 0);
    if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
    return result;
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

inline std::string InChild(const std::function<std::string()>& body) { return ChildProcess(body).Result(); }

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_SANDBOX_CHILD_PROCESS_H_
