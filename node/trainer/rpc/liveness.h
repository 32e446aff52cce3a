// Says once a second that this process is alive, from a thread that does nothing else: a long training step
// does not silence it, SIGSTOP and a process that deadlocked do.
#ifndef CONSORT_NODE_TRAINER_RPC_LIVENESS_H_
#define CONSORT_NODE_TRAINER_RPC_LIVENESS_H_

#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <thread>

#include "common/sync/mutex.h"
#include "consort/v1/trainer.pb.h"

namespace consort::trainer {

class Liveness {
 public:
  static constexpr std::chrono::seconds kInterval{1};

  Liveness();
  // Its watchers must have ended (the server is shut down before).
  ~Liveness();
  Liveness(const Liveness&) = delete;
  Liveness& operator=(const Liveness&) = delete;

  // Returns a stream that beats now and then every kInterval until its client leaves; it deletes itself.
  grpc::ServerWriteReactor<v1::Liveness>* Watch();

 private:
  class Watcher;

  void Run();

  Mutex mutex_;
  CondVar wake_;
  std::set<Watcher*> watchers_ CONSORT_GUARDED_BY(mutex_);
  bool stopping_ CONSORT_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: starts when everything above exists
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_RPC_LIVENESS_H_
