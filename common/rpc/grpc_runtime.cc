#include "common/rpc/grpc_runtime.h"

#include <malloc.h>

#include "absl/synchronization/mutex.h"

namespace consort {
namespace {

constexpr int kHeaps = 2;  // one a core of the smallest machine that is supported

}  // namespace

void PrepareGrpcRuntime() {
  mallopt(M_ARENA_MAX, kHeaps);
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace consort
