// gRPC's own messages in the program's log.
#ifndef CONSORT_COMMON_RPC_GRPC_LOG_H_
#define CONSORT_COMMON_RPC_GRPC_LOG_H_

namespace consort {

// From now on gRPC's errors become warnings of spdlog's default logger (what fails for us comes back as a
// status; what gRPC logs is mostly about peers) and the rest debug messages. Call it once, in main, after the
// log has been started.
void LogGrpcThroughSpdlog();

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_GRPC_LOG_H_
