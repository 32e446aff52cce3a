#include <utility>

#include "common/sync/mutex.h"
#include "common/trainer_client/trainer.h"

namespace consort {

// The callback runs under the mutex: once OnCancel(nullptr) has returned it is not running any more, so what
// it refers to may go. It must not use its own Cancellation.
struct Cancellation::State {
  mutable Mutex mutex;
  bool cancelled CONSORT_GUARDED_BY(mutex) = false;
  std::function<void()> callback CONSORT_GUARDED_BY(mutex);
};

Cancellation::Cancellation() : state_(std::make_unique<State>()) {}
Cancellation::~Cancellation() = default;

void Cancellation::Cancel() {
  MutexLock lock(state_->mutex);
  if (std::exchange(state_->cancelled, true)) return;
  if (state_->callback) state_->callback();
}

bool Cancellation::cancelled() const {
  MutexLock lock(state_->mutex);
  return state_->cancelled;
}

void Cancellation::OnCancel(std::function<void()> callback) {
  MutexLock lock(state_->mutex);
  state_->callback = std::move(callback);
  if (state_->cancelled && state_->callback) state_->callback();
}

}  // namespace consort
