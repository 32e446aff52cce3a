#include "common/rpc/large_frames.h"

namespace consort {
namespace {

constexpr int kFrameBytes = 256 << 10;
constexpr int kWriteBufferBytes = 1 << 20;

}  // namespace

void UseLargeFrames(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kFrameBytes);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_WRITE_BUFFER_SIZE, kWriteBufferBytes);
}

void UseLargeFrames(grpc::ChannelArguments& arguments) {
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kFrameBytes);
  arguments.SetInt(GRPC_ARG_HTTP2_WRITE_BUFFER_SIZE, kWriteBufferBytes);
}

}  // namespace consort
