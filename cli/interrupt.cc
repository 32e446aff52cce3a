#include "cli/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <utility>

namespace consort::cli {
namespace {

// Write end of the open guard's pipe: a signal handler may do no more than write.
std::atomic<int> interrupt_pipe = -1;

void OnSignal(int) {
  const char byte = 1;
  // A full or closed pipe means that the event has been told already.
  [[maybe_unused]] const ssize_t ignored = write(interrupt_pipe.load(), &byte, 1);
}

}  // namespace

struct InterruptGuard::State {
  std::function<void()> on_interrupt;
  int pipe_ends[2] = {-1, -1};
  std::atomic<bool> interrupted = false;
  struct sigaction previous_int = {};
  struct sigaction previous_term = {};
  std::thread thread;

  void Wait() {
    char byte = 0;
    ssize_t got = -1;
    do {
      got = read(pipe_ends[0], &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got != 1 || byte != 1) return;  // the destructor's 0
    interrupted = true;
    on_interrupt();
  }
};

InterruptGuard::InterruptGuard(std::function<void()> on_interrupt) : state_(std::make_unique<State>()) {
  state_->on_interrupt = std::move(on_interrupt);
  if (pipe2(state_->pipe_ends, O_CLOEXEC) != 0)
    return;  // without the pipe the signal ends the process as usual
  interrupt_pipe = state_->pipe_ends[1];
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigaction(SIGINT, &action, &state_->previous_int);
  sigaction(SIGTERM, &action, &state_->previous_term);
  state_->thread = std::thread([state = state_.get()] { state->Wait(); });
}

InterruptGuard::~InterruptGuard() {
  if (state_->pipe_ends[0] < 0) return;
  sigaction(SIGINT, &state_->previous_int, nullptr);
  sigaction(SIGTERM, &state_->previous_term, nullptr);
  interrupt_pipe = -1;
  const char byte = 0;
  [[maybe_unused]] const ssize_t ignored = write(state_->pipe_ends[1], &byte, 1);
  state_->thread.join();
  close(state_->pipe_ends[0]);
  close(state_->pipe_ends[1]);
}

bool InterruptGuard::interrupted() const { return state_->interrupted; }

}  // namespace consort::cli
