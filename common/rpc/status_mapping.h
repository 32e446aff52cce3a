// The one place where an absl::Status becomes a gRPC status and back. Code and message are carried as they
// are; machine code and object (error_detail.h) travel in the binary error details.
#ifndef CONSORT_COMMON_RPC_STATUS_MAPPING_H_
#define CONSORT_COMMON_RPC_STATUS_MAPPING_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace consort {

// A status whose text would reach past kMaxErrorMessageBytes is cut there: gRPC drops longer trailers whole.
grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

inline constexpr size_t kMaxErrorMessageBytes = 4096;

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_STATUS_MAPPING_H_
