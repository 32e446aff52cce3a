// Admits a few bulk streams at once; the others wait in the order in which they came.
#ifndef CONSORT_COORDINATOR_RPC_BULK_GATE_H_
#define CONSORT_COORDINATOR_RPC_BULK_GATE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "common/sync/mutex.h"

namespace consort::coordinator {

// Thread-safe. Outlives its tickets.
class BulkGate {
 public:
  struct Leaver {
    void operator()(BulkGate* gate) const { gate->Leave(); }
  };
  // A place in the gate, given up at destruction, which may admit the next stream on the caller's thread.
  using Ticket = std::unique_ptr<BulkGate, Leaver>;
  using WaitId = uint64_t;
  using Admitted = std::function<void(Ticket)>;

  static constexpr size_t kMaxWaiting = 1024;  // several for each of 200 archives; more is abuse

  // `places` > 0.
  explicit BulkGate(int places) : free_(places) {}

  // Calls `admitted` once with a place: before this returns if one is free, otherwise later on the thread of
  // a stream that leaves. Errors: ResourceExhausted if kMaxWaiting streams wait already.
  absl::StatusOr<WaitId> Enter(Admitted admitted);
  // Gives up waiting. A stream that is admitted already is ignored.
  void Cancel(WaitId wait);

 private:
  void Leave();

  Mutex mutex_;
  int free_ CONSORT_GUARDED_BY(mutex_);
  WaitId next_wait_ CONSORT_GUARDED_BY(mutex_) = 1;
  std::deque<std::pair<WaitId, Admitted>> waiting_ CONSORT_GUARDED_BY(mutex_);  // bounded by kMaxWaiting
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_BULK_GATE_H_
