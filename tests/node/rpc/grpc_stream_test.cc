#include "node/rpc/grpc_stream.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <future>

#include "common/sync/mutex.h"
#include "consort/v1/session.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

constexpr std::chrono::seconds kLimit(20);

// Sends each message back with its request id doubled; ends the stream when told "end".
class EchoService : public v1::SessionService::Service {
 public:
  grpc::Status Connect(grpc::ServerContext*,
                       grpc::ServerReaderWriter<v1::Envelope, v1::Envelope>* stream) override {
    v1::Envelope envelope;
    while (stream->Read(&envelope)) {
      if (envelope.request_id() == "end") return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
      envelope.set_request_id(envelope.request_id() + envelope.request_id());
      stream->Write(envelope);
    }
    return grpc::Status::OK;
  }
};

class GrpcStreamTest : public ::testing::Test {
 protected:
  GrpcStreamTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~GrpcStreamTest() override { server_->Shutdown(std::chrono::system_clock::now()); }
  std::shared_ptr<grpc::Channel> Channel() {
    return grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  }
  v1::Envelope Message(const std::string& request) {
    v1::Envelope envelope;
    envelope.set_request_id(request);
    return envelope;
  }

  testing::TemporaryDirectory directory_;
  const std::string address_ = "unix:" + directory_.Path("socket");
  EchoService service_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(GrpcStreamTest, MessagesArriveInOrderAndTheEndCarriesItsReason) {
  GrpcStreamFactory factory(Channel());
  std::vector<std::string> received;  // gRPC calls one reaction at a time
  std::promise<absl::Status> closed;
  const auto stream =
      factory.Open({[&received](v1::Envelope envelope) { received.push_back(envelope.request_id()); },
                    [&closed](absl::Status status) { closed.set_value(std::move(status)); }});
  // Written without waiting: the stream queues what gRPC does not take yet.
  for (const char* request : {"a", "b", "c", "end"}) stream->Write(Message(request));
  auto end = closed.get_future();
  ASSERT_EQ(end.wait_for(kLimit), std::future_status::ready);
  EXPECT_EQ(end.get(), absl::UnavailableError("draining"));
  EXPECT_THAT(received, ::testing::ElementsAre("aa", "bb", "cc"));
}

TEST_F(GrpcStreamTest, DroppedStreamEndsAndTheFactoryWaitsForIt) {
  std::promise<absl::Status> closed;
  {
    GrpcStreamFactory factory(Channel());
    factory
        .Open({[](v1::Envelope) {}, [&closed](absl::Status status) { closed.set_value(std::move(status)); }})
        .reset();
  }
  EXPECT_EQ(closed.get_future().wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

TEST_F(GrpcStreamTest, UnreachableCoordinatorClosesTheStream) {
  GrpcStreamFactory factory(
      grpc::CreateChannel("unix:" + directory_.Path("nobody"), grpc::InsecureChannelCredentials()));
  std::promise<absl::Status> closed;
  const auto stream = factory.Open(
      {[](v1::Envelope) {}, [&closed](absl::Status status) { closed.set_value(std::move(status)); }});
  auto end = closed.get_future();
  ASSERT_EQ(end.wait_for(kLimit), std::future_status::ready);
  EXPECT_TRUE(absl::IsUnavailable(end.get()));
}

}  // namespace
}  // namespace consort::node
