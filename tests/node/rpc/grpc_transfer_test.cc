#include "node/rpc/grpc_transfer.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <thread>

#include "common/crypto/digest.h"
#include "consort/v1/artifact.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::IsOkAndHolds;
using consort::testing::StatusIs;
using ::testing::_;

constexpr size_t kChunk = 1 << 20;

// Takes and gives bytes; the first calls end after one chunk, as on a link that is cut.
class CuttingService : public v1::TransferService::Service {
 public:
  std::string artifact;
  std::string received;
  int cuts = 0;
  uint64_t bytes_on_wire = 0;
  grpc::Status refusal = grpc::Status::OK;

  grpc::Status Status(grpc::ServerContext*, const v1::TransferStatusRequest*,
                      v1::TransferStatus* status) override {
    status->set_committed_bytes(received.size());
    return refusal;
  }
  grpc::Status Read(grpc::ServerContext*, const v1::ReadRequest* request,
                    grpc::ServerWriter<v1::ReadChunk>* writer) override {
    for (uint64_t offset = request->offset(); offset < artifact.size();) {
      v1::ReadChunk chunk;
      chunk.set_offset(offset);
      chunk.set_total_bytes(artifact.size());
      chunk.set_data(artifact.substr(offset, kChunk));
      writer->Write(chunk);
      bytes_on_wire += chunk.data().size();
      offset += chunk.data().size();
      if (cuts > 0 && cuts-- > 0) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
    }
    return grpc::Status::OK;
  }
  grpc::Status Write(grpc::ServerContext*, grpc::ServerReader<v1::WriteChunk>* reader,
                     v1::TransferStatus* status) override {
    v1::WriteChunk chunk;
    uint64_t total = 0;
    while (reader->Read(&chunk)) {
      if (chunk.has_resource()) total = chunk.total_bytes();
      if (chunk.offset() != received.size()) return grpc::Status(grpc::StatusCode::OUT_OF_RANGE, "offset");
      received += chunk.data();
      bytes_on_wire += chunk.data().size();
      if (cuts > 0 && cuts-- > 0) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
    }
    if (total == 0) return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "ended before its first chunk");
    status->set_committed_bytes(received.size());
    status->set_complete(received.size() == total);
    return grpc::Status::OK;
  }
};

class GrpcTransferTest : public ::testing::Test {
 protected:
  GrpcTransferTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    for (size_t i = 0; i < 3 * kChunk + 5; ++i) bytes_.push_back(static_cast<char>(i * 31 + i / 1000));
    testing::WriteFileOrDie(payload_, bytes_);
  }
  ~GrpcTransferTest() override { server_->Shutdown(std::chrono::system_clock::now()); }
  absl::Status Upload() {
    return transfer_.Upload("p1", payload_, {Sha256Hex(bytes_), bytes_.size()}, cancellation_,
                            [](uint64_t, uint64_t) {});
  }

  testing::TemporaryDirectory directory_;
  const std::string address_ = "unix:" + directory_.Path("socket");
  const std::string payload_ = directory_.Path("payload");
  std::string bytes_;
  CuttingService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ArtifactStore> store_ = ArtifactStore::Open(directory_.Path("artifacts")).value();
  Cancellation cancellation_;
  // No wait between attempts.
  GrpcTransfer transfer_{grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()),
                         [] { return 0.0; }};
};

TEST_F(GrpcTransferTest, UploadGoesOnWhereItWasCut) {
  service_.cuts = 2;
  ASSERT_THAT(Upload(), IsOk());
  EXPECT_EQ(service_.received, bytes_);
  EXPECT_EQ(service_.bytes_on_wire, bytes_.size());  // nothing twice
}

TEST_F(GrpcTransferTest, RestartedNodeSendsOnlyWhatIsMissing) {
  service_.received = bytes_.substr(0, 2 * kChunk);
  ASSERT_THAT(Upload(), IsOk());
  EXPECT_EQ(service_.received, bytes_);
  EXPECT_EQ(service_.bytes_on_wire, bytes_.size() - 2 * kChunk);
}

// Killed, either end, between the last byte and the answer: what is left to do is to say that this was all.
TEST_F(GrpcTransferTest, UploadOfWhichEveryByteArrivedIsFinished) {
  service_.received = bytes_;
  ASSERT_THAT(Upload(), IsOk());
  EXPECT_EQ(service_.bytes_on_wire, 0u);
}

TEST_F(GrpcTransferTest, RefusedUploadEndsAtOnce) {
  service_.refusal = grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "the round takes no more updates");
  EXPECT_THAT(Upload(), StatusIs(absl::StatusCode::kFailedPrecondition, "the round takes no more updates"));
}

TEST_F(GrpcTransferTest, CalledOffUploadEndsThoughTheCoordinatorIsAway) {
  server_->Shutdown();
  std::thread person([this] { cancellation_.Cancel(); });
  EXPECT_THAT(Upload(), StatusIs(absl::StatusCode::kCancelled, _));
  person.join();
}

TEST_F(GrpcTransferTest, FetchedArtifactIsWholeThoughTheLinkWasCut) {
  service_.artifact = bytes_;
  service_.cuts = 2;
  const std::string digest = Sha256Hex(bytes_);
  ASSERT_THAT(transfer_.Fetch(digest, *store_, cancellation_, [](uint64_t, uint64_t) {}), IsOk());
  EXPECT_THAT(store_->ReadAll(digest), IsOkAndHolds(bytes_));
  EXPECT_EQ(service_.bytes_on_wire, bytes_.size());
}

TEST_F(GrpcTransferTest, ArtifactThatIsNotWhatItsDigestSaysIsRefused) {
  service_.artifact = bytes_;
  const std::string digest = Sha256Hex("something else");
  EXPECT_THAT(transfer_.Fetch(digest, *store_, cancellation_, [](uint64_t, uint64_t) {}),
              StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_FALSE(store_->Contains(digest));
}

}  // namespace
}  // namespace consort::node
