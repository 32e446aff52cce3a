// What a daemon sets for gRPC's sake before anything else happens.
#ifndef CONSORT_COMMON_RPC_GRPC_RUNTIME_H_
#define CONSORT_COMMON_RPC_GRPC_RUNTIME_H_

namespace consort {

// Lets all threads share a few heaps: gRPC moves chunks of a megabyte between many threads; with a heap for
// each of them, what one frees is not used by the next, and the process grew by 30 MB a round. Also ends the
// search for lock cycles that Debian's abseil does at every lock of gRPC. Call before the first thread.
void PrepareGrpcRuntime();

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_GRPC_RUNTIME_H_
