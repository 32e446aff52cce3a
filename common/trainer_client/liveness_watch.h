// Watches the trainer while one call runs, on a connection of its own: bulk values on the call's connection
// do not hold its beats up. Ends the call when the trainer is gone or silent.
#ifndef CONSORT_COMMON_TRAINER_CLIENT_LIVENESS_WATCH_H_
#define CONSORT_COMMON_TRAINER_CLIENT_LIVENESS_WATCH_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "absl/time/time.h"
#include "common/sync/mutex.h"

namespace consort {

struct LivenessLimits {
  absl::Duration silence = absl::Seconds(8);  // connected, but no beat for so long: stuck
  absl::Duration start = absl::Seconds(10);   // nobody answers on the socket for so long: crashed
};

// Thread-safe.
class LivenessWatch {
 public:
  enum class Verdict { kAlive, kCrashed, kStuck };

  // Starts to watch through `channel`. On a verdict other than kAlive it cancels `call`, then runs `on_stuck`
  // if it is that; both on a thread of the watch. `call` outlives the watch.
  LivenessWatch(std::shared_ptr<grpc::Channel> channel, LivenessLimits limits, grpc::ClientContext& call,
                std::function<void()> on_stuck);
  ~LivenessWatch() { End(); }
  LivenessWatch(const LivenessWatch&) = delete;
  LivenessWatch& operator=(const LivenessWatch&) = delete;

  // Returns at the first beat, or when there will be none: a verdict, or Stop. A trainer that is being
  // restarted is waited for, so that a call does not start on the connection of the one before it.
  void WaitForTrainer();
  // Gives up watching; does not wait for that.
  void Stop();
  // Stops watching and returns what was seen. One thread.
  Verdict End();

 private:
  // Returns when there is a verdict or Stop was called.
  Verdict Watch();
  // Watches one stream; nullopt when it broke before its first beat, so that another may be tried.
  std::optional<Verdict> WatchStream(absl::Time start_limit);
  // Takes `context` as the one that Stop cancels, null for none. False when Stop was called.
  bool Adopt(grpc::ClientContext* context);
  bool Stopped();
  void Settle();

  const std::shared_ptr<grpc::Channel> channel_;
  const LivenessLimits limits_;
  grpc::ClientContext& call_;
  const std::function<void()> on_stuck_;
  Mutex mutex_;
  CondVar changed_;
  grpc::ClientContext* context_ CONSORT_GUARDED_BY(mutex_) = nullptr;
  bool stopped_ CONSORT_GUARDED_BY(mutex_) = false;
  bool settled_ CONSORT_GUARDED_BY(mutex_) = false;  // a beat came, or none will
  Verdict verdict_ = Verdict::kAlive;                // written by thread_, read after its join
  std::thread thread_;                               // last: starts when everything above exists
};

}  // namespace consort

#endif  // CONSORT_COMMON_TRAINER_CLIENT_LIVENESS_WATCH_H_
