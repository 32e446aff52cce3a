#include "common/rpc/transfer_memory.h"

#include <malloc.h>

namespace consort {
namespace {

constexpr int kHeaps = 2;  // one a core of the smallest machine that is supported

}  // namespace

void ShareHeaps() { mallopt(M_ARENA_MAX, kHeaps); }

}  // namespace consort
