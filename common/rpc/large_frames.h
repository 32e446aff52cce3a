// The size of the pieces in which gRPC moves chunks of bulk bytes.
#ifndef CONSORT_COMMON_RPC_LARGE_FRAMES_H_
#define CONSORT_COMMON_RPC_LARGE_FRAMES_H_

#include <grpcpp/server_builder.h>
#include <grpcpp/support/channel_arguments.h>

namespace consort {

// A chunk of 1 MiB goes out in a few pieces instead of 64 of 16 KiB: each costs a system call here and a
// wake-up there. Both ends of a connection must ask for it.
void UseLargeFrames(grpc::ServerBuilder& builder);
void UseLargeFrames(grpc::ChannelArguments& arguments);

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_LARGE_FRAMES_H_
