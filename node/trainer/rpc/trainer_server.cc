#include "node/trainer/rpc/trainer_server.h"

#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <chrono>
#include <memory>

#include "common/rpc/large_frames.h"
#include "node/trainer/rpc/connection_loop.h"
#include "node/trainer/rpc/trainer_service.h"

namespace consort::trainer {
namespace {

// A call that is cancelled stops within a step; what takes longer is cut off, and its client told.
constexpr std::chrono::seconds kShutdownLimit{3};

bool IsIgnored(int number) {
  struct sigaction action = {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

absl::StatusOr<int> TakeEndingSignals() {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGTERM);
  if (!IsIgnored(SIGINT)) sigaddset(&taken, SIGINT);
  sigprocmask(SIG_BLOCK, &taken, nullptr);
  const int descriptor = signalfd(-1, &taken, SFD_CLOEXEC);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "signals cannot be awaited");
  return descriptor;
}

absl::Status ServeEngine(Engine& engine, int listener, int signals, bool sandboxed) {
  TrainerService service(engine, sandboxed);
  grpc::ServerBuilder builder;
  UseLargeFrames(builder);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::InternalError("the trainer's gRPC server does not start");
  service.BeginScan();
  const absl::Status served = ServeConnections(listener, signals, *server);
  service.StopScan();
  server->Shutdown(std::chrono::system_clock::now() + kShutdownLimit);
  return served;
}

}  // namespace consort::trainer
