#include "common/rpc/grpc_runtime.h"

#include <malloc.h>

#include "absl/synchronization/mutex.h"

namespace consort {
namespace {

constexpr int kHeaps = 2;  // one a core of the smallest machine that is supported
// Chunks and what gRPC keeps of them stay within the heaps, and a heap keeps what it has.
constexpr int kLargestInHeap = 16 << 20;
constexpr int kKeptInHeap = 32 << 20;

}  // namespace

void PrepareGrpcRuntime() {
  mallopt(M_ARENA_MAX, kHeaps);
  mallopt(M_MMAP_THRESHOLD, kLargestInHeap);
  mallopt(M_TRIM_THRESHOLD, kKeptInHeap);
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace consort
