// Memory of artifacts that calls have done with, for the calls that follow.
#ifndef CONSORT_NODE_TRAINER_RPC_SPARE_BUFFERS_H_
#define CONSORT_NODE_TRAINER_RPC_SPARE_BUFFERS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "common/sync/mutex.h"

namespace consort::trainer {

// Keeps the largest buffer that was given back: each round sends a state as long as the last one's, and
// memory that comes anew for it costs several times the copying. Thread-safe.
class SpareBuffers {
 public:
  // An empty string with room for `bytes`.
  std::string Take(uint64_t bytes) {
    std::string buffer;
    {
      MutexLock lock(mutex_);
      if (spare_.capacity() >= bytes) buffer = std::exchange(spare_, std::string());
    }
    buffer.reserve(bytes);
    return buffer;
  }

  void Give(std::string buffer) {
    buffer.clear();
    MutexLock lock(mutex_);
    if (buffer.capacity() > spare_.capacity()) spare_.swap(buffer);
  }

 private:
  Mutex mutex_;
  std::string spare_ CONSORT_GUARDED_BY(mutex_);
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_RPC_SPARE_BUFFERS_H_
