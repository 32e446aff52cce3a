// Keeps the memory of a process with bulk transfers from growing with its threads.
#ifndef CONSORT_COMMON_RPC_TRANSFER_MEMORY_H_
#define CONSORT_COMMON_RPC_TRANSFER_MEMORY_H_

namespace consort {

// Lets all threads share a few heaps. gRPC moves chunks of a megabyte between many threads; with a heap for
// each of them, what one frees is not used by the next, and the process grew by 30 MB a round. Call before
// the first thread.
void ShareHeaps();

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_TRANSFER_MEMORY_H_
