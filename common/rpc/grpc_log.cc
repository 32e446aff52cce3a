#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>

#include "spdlog/spdlog.h"

namespace consort {

void LogGrpcThroughSpdlog() {
  gpr_set_log_function([](gpr_log_func_args* args) {
    const auto level = args->severity == GPR_LOG_SEVERITY_ERROR ? spdlog::level::warn : spdlog::level::debug;
    spdlog::log(level, "grpc: {}", args->message);
  });
}

}  // namespace consort
