// The threads that matter most are gRPC's: it starts them itself, and a sandbox entered after that would miss
// them.
#include <errno.h>
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/sandbox/sandbox.h"
#include "consort/v1/trainer.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/common/sandbox/child_process.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::ChildProcess;
using ::consort::testing::InChild;

// Answers Describe with how its own thread fared with a file and a socket.
class TryingService final : public v1::TrainerService::Service {
 public:
  explicit TryingService(std::string file) : file_(std::move(file)) {}

  grpc::Status Describe(grpc::ServerContext*, const v1::DescribeRequest*,
                        v1::DescribeResponse* response) override {
    const int file = open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    const std::string opened = file >= 0 ? "opened" : strerrorname_np(errno);
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const std::string made = descriptor >= 0 ? "socket" : strerrorname_np(errno);
    response->set_trainer_version(opened + " " + made);
    return grpc::Status::OK;
  }

 private:
  const std::string file_;
};

std::string AskTheService(const std::string& socket_path) {
  const auto stub = v1::TrainerService::NewStub(
      grpc::CreateChannel("unix:" + socket_path, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.set_wait_for_ready(true);
  v1::DescribeResponse response;
  const grpc::Status status = stub->Describe(&context, {}, &response);
  return status.ok() ? response.trainer_version() : status.error_message();
}

class SandboxRpcThreadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const SandboxSupport support = ProbeSandboxSupport();
    if (support.landlock_abi == 0 || !support.seccomp_filters) {
      GTEST_SKIP() << "this kernel has no Landlock or no seccomp: Landlock ABI " << support.landlock_abi;
    }
    testing::WriteFileOrDie(file_, "samples");
  }

  testing::TemporaryDirectory files_;
  testing::TemporaryDirectory state_;
  const std::string file_ = files_.Path("recording.wav");
  const std::string socket_path_ = state_.Path("trainer.sock");
};

TEST_F(SandboxRpcThreadTest, NetworkProcessServesButItsRpcThreadsOpenNoRecording) {
  EXPECT_EQ(InChild([&]() -> std::string {
              const auto report = EnterSandbox({SandboxProfile::kNetworkProcess, {}, {state_.path()}});
              if (!report.ok()) return report.status().ToString();
              TryingService service(file_);
              grpc::ServerBuilder builder;
              builder.AddListeningPort("unix:" + socket_path_, grpc::InsecureServerCredentials());
              builder.RegisterService(&service);
              const auto server = builder.BuildAndStart();
              return AskTheService(socket_path_);
            }),
            "EACCES socket");
}

TEST_F(SandboxRpcThreadTest, RecordingProcessServesButItsRpcThreadsMakeNoSocket) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ASSERT_LT(socket_path_.size(), sizeof(address.sun_path));
  socket_path_.copy(address.sun_path, socket_path_.size());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 1), 0);

  ChildProcess client([&] { return AskTheService(socket_path_); });
  int end[2];
  ASSERT_EQ(pipe2(end, O_CLOEXEC), 0);
  ChildProcess server([&]() -> std::string {
    close(end[1]);
    const auto report = EnterSandbox({SandboxProfile::kRecordingProcess, {files_.path()}, {}});
    if (!report.ok()) return report.status().ToString();
    TryingService service(file_);
    grpc::ServerBuilder builder;
    builder.RegisterService(&service);
    const auto grpc_server = builder.BuildAndStart();
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) return strerror(errno);
    grpc::AddInsecureChannelFromFd(grpc_server.get(), connection);
    char byte;
    return read(end[0], &byte, 1) == 0 ? "served" : "read failed";  // until the test closes its end
  });
  EXPECT_EQ(client.Result(), "opened EPERM");
  close(end[1]);
  EXPECT_EQ(server.Result(), "served");
  close(listener);
}

}  // namespace
}  // namespace consort
