#include "node/rpc/grpc_entries.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "consort/v1/ledger.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EntriesService : public v1::LedgerService::Service {
 public:
  uint64_t first_index_given = 0;  // added to every index
  grpc::Status ends_with = grpc::Status::OK;
  int gives_at_most = 1000;

  grpc::Status ReadEntries(grpc::ServerContext*, const v1::ReadEntriesRequest* request,
                           grpc::ServerWriter<v1::LedgerEntry>* writer) override {
    for (uint64_t i = request->start(); i < request->end() && gives_at_most-- > 0; ++i) {
      v1::LedgerEntry entry;
      entry.set_index(i + first_index_given);
      entry.set_envelope(absl::StrCat("entry ", i));
      writer->Write(entry);
    }
    return ends_with;
  }
};

class GrpcEntriesTest : public ::testing::Test {
 protected:
  GrpcEntriesTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    entries_ =
        std::make_unique<GrpcEntries>(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
  }
  ~GrpcEntriesTest() override { server_->Shutdown(std::chrono::system_clock::now()); }
  absl::Status Read(uint64_t start, uint64_t end) {
    return entries_->Read(start, end, [this](absl::string_view envelope) {
      taken_.emplace_back(envelope);
      return taken_.size() == take_at_most_ ? absl::DataLossError("refused here") : absl::OkStatus();
    });
  }

  testing::TemporaryDirectory directory_;
  const std::string address_ = absl::StrCat("unix:", directory_.Path("socket"));
  EntriesService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcEntries> entries_;
  std::vector<std::string> taken_;
  size_t take_at_most_ = 0;
};

TEST_F(GrpcEntriesTest, GivesTheEntriesInOrder) {
  EXPECT_THAT(Read(3, 6), IsOk());
  EXPECT_THAT(taken_, ElementsAre("entry 3", "entry 4", "entry 5"));
}

TEST_F(GrpcEntriesTest, ReadersOwnErrorEndsTheCallAsItIs) {
  take_at_most_ = 2;
  EXPECT_THAT(Read(0, 100), StatusIs(absl::StatusCode::kDataLoss, "refused here"));
}

TEST_F(GrpcEntriesTest, PeerThatSpeaksOfDamageIsNoEvidenceOfAny) {
  service_.gives_at_most = 1;
  service_.ends_with = grpc::Status(grpc::StatusCode::DATA_LOSS, "the database is damaged");
  EXPECT_THAT(Read(0, 3), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("the database is damaged")));
}

TEST_F(GrpcEntriesTest, EntryOfAnotherIndexIsNotTaken) {
  service_.first_index_given = 1;
  EXPECT_THAT(Read(0, 3), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_THAT(taken_, IsEmpty());
}

TEST_F(GrpcEntriesTest, NothingIsReadOnceItWasStopped) {
  entries_->Stop();
  EXPECT_THAT(Read(0, 3), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_THAT(taken_, IsEmpty());
}

}  // namespace
}  // namespace consort::node
