// Ctrl-C and SIGTERM as an event that a command may handle in a plain thread.
#ifndef CONSORT_CLI_INTERRUPT_H_
#define CONSORT_CLI_INTERRUPT_H_

#include <functional>
#include <memory>

namespace consort::cli {

// While it lives, the first SIGINT or SIGTERM calls `on_interrupt` once, from a thread of its own, instead of
// ending the process. One at a time.
class InterruptGuard {
 public:
  explicit InterruptGuard(std::function<void()> on_interrupt);
  ~InterruptGuard();
  bool interrupted() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_INTERRUPT_H_
