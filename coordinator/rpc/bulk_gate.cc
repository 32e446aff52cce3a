#include "coordinator/rpc/bulk_gate.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace consort::coordinator {

absl::StatusOr<BulkGate::WaitId> BulkGate::Enter(Admitted admitted) {
  WaitId id = 0;
  {
    MutexLock lock(mutex_);
    id = next_wait_++;
    if (free_ == 0) {
      if (waiting_.size() >= kMaxWaiting) {
        return absl::ResourceExhaustedError(
            absl::StrCat("too many transfers wait already; try again later: ", waiting_.size()));
      }
      waiting_.emplace_back(id, std::move(admitted));
      return id;
    }
    --free_;
  }
  admitted(Ticket(this));
  return id;
}

void BulkGate::Cancel(WaitId wait) {
  Admitted dropped;  // destroyed outside the lock
  MutexLock lock(mutex_);
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [wait](const auto& waiting) { return waiting.first == wait; });
  if (found == waiting_.end()) return;
  dropped = std::move(found->second);
  waiting_.erase(found);
}

void BulkGate::Leave() {
  Admitted next;
  {
    MutexLock lock(mutex_);
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    next = std::move(waiting_.front().second);
    waiting_.pop_front();
  }
  next(Ticket(this));  // the place goes straight to the next one
}

}  // namespace consort::coordinator
