// Ends a call that is under way from another thread: for Ctrl-C and for transfers that have stalled.
#ifndef CONSORT_CLI_RPC_CALL_CANCELLER_H_
#define CONSORT_CLI_RPC_CALL_CANCELLER_H_

#include <functional>
#include <utility>

#include "common/sync/mutex.h"

namespace consort::cli {

// Thread-safe. Once cancelled it stays so: a call that binds later is ended at once.
class CallCanceller {
 public:
  void Cancel() {
    MutexLock lock(mutex_);
    cancelled_ = true;
    if (end_call_) end_call_();
  }
  bool cancelled() const {
    MutexLock lock(mutex_);
    return cancelled_;
  }
  // `end_call` must stay valid until Unbind and not block.
  void Bind(std::function<void()> end_call) {
    MutexLock lock(mutex_);
    end_call_ = std::move(end_call);
    if (cancelled_) end_call_();
  }
  void Unbind() {
    MutexLock lock(mutex_);
    end_call_ = nullptr;
  }

 private:
  mutable Mutex mutex_;
  std::function<void()> end_call_ CONSORT_GUARDED_BY(mutex_);
  bool cancelled_ CONSORT_GUARDED_BY(mutex_) = false;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_RPC_CALL_CANCELLER_H_
