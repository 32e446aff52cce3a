#include "node/trainer/rpc/liveness.h"

namespace consort::trainer {

// Members are guarded by the owner's mutex. The gRPC calls made under it only queue work, they do not wait.
class Liveness::Watcher final : public grpc::ServerWriteReactor<v1::Liveness> {
 public:
  explicit Watcher(Liveness& owner) : owner_(owner) {
    MutexLock lock(owner_.mutex_);
    owner_.watchers_.insert(this);
    Beat();
  }

  // A client that has not taken the last beat gets no further one on top.
  void Beat() {
    if (writing_ || finished_) return;
    writing_ = true;
    beat_.set_count(beat_.count() + 1);
    StartWrite(&beat_);
  }

  void OnWriteDone(bool ok) override {
    MutexLock lock(owner_.mutex_);
    writing_ = false;
    if (!ok) FinishOnce();
  }
  void OnCancel() override {
    MutexLock lock(owner_.mutex_);
    FinishOnce();
  }
  void OnDone() override {
    {
      MutexLock lock(owner_.mutex_);
      owner_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  void FinishOnce() {
    if (finished_) return;
    finished_ = true;
    Finish(grpc::Status::CANCELLED);
  }

  Liveness& owner_;
  v1::Liveness beat_;
  bool writing_ = false;
  bool finished_ = false;
};

Liveness::Liveness() : thread_([this] { Run(); }) {}

Liveness::~Liveness() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  thread_.join();
}

grpc::ServerWriteReactor<v1::Liveness>* Liveness::Watch() { return new Watcher(*this); }

void Liveness::Run() {
  auto next = std::chrono::steady_clock::now() + kInterval;
  MutexLock lock(mutex_);
  while (!stopping_) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next) {
      wake_.WaitFor(mutex_, next - now);
      continue;
    }
    for (Watcher* watcher : watchers_) watcher->Beat();
    next = now + kInterval;
  }
}

}  // namespace consort::trainer
