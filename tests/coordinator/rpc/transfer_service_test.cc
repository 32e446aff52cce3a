#include <thread>

#include "common/crypto/digest.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/error_detail.h"
#include "common/rpc/status_mapping.h"
#include "consort/v1/artifact.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/coordinator/rpc/test_coordinator.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;
using testing::TestCoordinator;

const char kParticipation[] = "0123456789abcdef0123456789abcdef";

v1::WriteChunk Header(const std::string& bytes) {
  v1::WriteChunk chunk;
  chunk.set_digest(Sha256Hex(bytes));
  chunk.set_total_bytes(bytes.size());
  return chunk;
}

v1::WriteChunk ArtifactHeader(const std::string& bytes) {
  v1::WriteChunk chunk = Header(bytes);
  chunk.mutable_resource()->set_artifact_digest(chunk.digest());
  return chunk;
}

v1::WriteChunk UpdateHeader(const std::string& bytes) {
  v1::WriteChunk chunk = Header(bytes);
  chunk.mutable_resource()->set_participation_id(kParticipation);
  return chunk;
}

v1::WriteChunk Data(uint64_t offset, const std::string& bytes) {
  v1::WriteChunk chunk;
  chunk.set_offset(offset);
  chunk.set_data(bytes);
  return chunk;
}

// An open stream of Write.
class Writing {
 public:
  explicit Writing(v1::TransferService::Stub& stub) {
    SetDeadline(context_);
    writer_ = stub.Write(&context_, &response_);
  }
  bool Send(const v1::WriteChunk& chunk) { return writer_->Write(chunk); }
  absl::StatusOr<v1::TransferStatus> Finish() {
    writer_->WritesDone();
    const absl::Status status = FromGrpcStatus(writer_->Finish());
    if (!status.ok()) return status;
    return response_;
  }

 private:
  grpc::ClientContext context_;
  v1::TransferStatus response_;
  std::unique_ptr<grpc::ClientWriter<v1::WriteChunk>> writer_;
};

absl::StatusOr<v1::TransferStatus> Write(v1::TransferService::Stub& stub,
                                         const std::vector<v1::WriteChunk>& chunks) {
  Writing writing(stub);
  for (const v1::WriteChunk& chunk : chunks) {
    if (!writing.Send(chunk)) break;
  }
  return writing.Finish();
}

absl::StatusOr<std::string> Read(v1::TransferService::Stub& stub, const std::string& digest,
                                 uint64_t offset) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ReadRequest request;
  request.set_artifact_digest(digest);
  request.set_offset(offset);
  const auto reader = stub.Read(&context, request);
  std::string bytes;
  v1::ReadChunk chunk;
  while (reader->Read(&chunk)) {
    EXPECT_EQ(chunk.offset(), offset + bytes.size());
    EXPECT_LE(chunk.data().size(), 1u << 20);
    bytes += chunk.data();
  }
  const absl::Status status = FromGrpcStatus(reader->Finish());
  if (!status.ok()) return status;
  return bytes;
}

absl::StatusOr<v1::TransferStatus> Ask(v1::TransferService::Stub& stub, const v1::Resource& resource) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::TransferStatusRequest request;
  *request.mutable_resource() = resource;
  v1::TransferStatus response;
  const absl::Status status = FromGrpcStatus(stub.Status(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

class TransferServiceTest : public ::testing::Test {
 protected:
  explicit TransferServiceTest(const TestCoordinator::Options& options = {}) : coordinator_(options) {}

  std::unique_ptr<v1::TransferService::Stub> Stub(v1::Role role, const std::string& name) {
    return v1::TransferService::NewStub(coordinator_.Member(role, name));
  }

  TestCoordinator coordinator_;
};

TEST_F(TransferServiceTest, AnArtifactGoesInWholeAndComesOutFromAnyOffset) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  const std::string bytes((1 << 20) * 2 + 5, 'x');
  const auto written = Write(*stub, {ArtifactHeader(bytes), Data(0, bytes.substr(0, 1 << 20)),
                                     Data(1 << 20, bytes.substr(1 << 20, 1 << 20)), Data(2 << 20, "xxxxx")});
  ASSERT_THAT(written, IsOk());
  EXPECT_TRUE(written->complete());
  EXPECT_EQ(written->committed_bytes(), bytes.size());
  EXPECT_EQ(Read(*stub, Sha256Hex(bytes), 0).value(), bytes);
  EXPECT_EQ(Read(*stub, Sha256Hex(bytes), 1 << 20).value(), bytes.substr(1 << 20));
  EXPECT_EQ(Read(*stub, Sha256Hex(bytes), bytes.size()).value(), "");
  EXPECT_THAT(Read(*stub, Sha256Hex(bytes), bytes.size() + 1).status(),
              StatusIs(absl::StatusCode::kOutOfRange, ::testing::_));
}

TEST_F(TransferServiceTest, ACutUploadResumesAtItsOffset) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  const auto first = Write(*stub, {ArtifactHeader("0123456789"), Data(0, "0123")});
  ASSERT_THAT(first, IsOk());
  EXPECT_FALSE(first->complete());
  EXPECT_EQ(first->committed_bytes(), 4u);

  const auto status = Ask(*stub, ArtifactHeader("0123456789").resource());
  ASSERT_THAT(status, IsOk());
  EXPECT_EQ(status->committed_bytes(), 4u);
  EXPECT_FALSE(status->complete());

  const auto second = Write(*stub, {ArtifactHeader("0123456789"), Data(4, "456789")});
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(second->complete());
  EXPECT_EQ(Ask(*stub, ArtifactHeader("0123456789").resource())->total_bytes(), 10u);
}

TEST_F(TransferServiceTest, AChunkAtAnotherOffsetIsRefusedAndWhatIsThereStays) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  EXPECT_THAT(Write(*stub, {ArtifactHeader("0123456789"), Data(0, "0123"), Data(6, "6789")}).status(),
              StatusIs(absl::StatusCode::kOutOfRange, ::testing::_));
  EXPECT_EQ(Ask(*stub, ArtifactHeader("0123456789").resource())->committed_bytes(), 4u);
}

TEST_F(TransferServiceTest, BytesThatDoNotFitTheirDigestAreRefusedAndDropped) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  EXPECT_THAT(Write(*stub, {ArtifactHeader("0123456789"), Data(0, "0123456780")}).status(),
              StatusIs(absl::StatusCode::kDataLoss, ::testing::_));
  EXPECT_EQ(Ask(*stub, ArtifactHeader("0123456789").resource())->committed_bytes(), 0u);
  EXPECT_THAT(Write(*stub, {ArtifactHeader("0123456789"), Data(0, "0123456789")}), IsOk());
}

TEST_F(TransferServiceTest, MoreBytesThanAnnouncedAreRefused) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  EXPECT_THAT(Write(*stub, {ArtifactHeader("0123"), Data(0, "01234")}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

TEST_F(TransferServiceTest, AStoredArtifactNeedsNoSecondUpload) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  ASSERT_THAT(Write(*stub, {ArtifactHeader("0123"), Data(0, "0123")}), IsOk());
  const auto again = Write(*stub, {ArtifactHeader("0123")});
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->complete());
}

TEST_F(TransferServiceTest, DigestsAreDigests) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  for (const std::string& bad :
       {std::string("../../etc/passwd"), std::string(64, 'A'), std::string(63, 'a')}) {
    EXPECT_THAT(Read(*stub, bad, 0).status(), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
    v1::WriteChunk header = ArtifactHeader("0123");
    header.set_digest(bad);
    header.mutable_resource()->set_artifact_digest(bad);
    EXPECT_THAT(Write(*stub, {header}).status(), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
    EXPECT_THAT(Ask(*stub, header.resource()).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  }
  EXPECT_THAT(Read(*stub, std::string(64, 'a'), 0).status(),
              StatusIs(absl::StatusCode::kNotFound, ::testing::_));
}

TEST_F(TransferServiceTest, AnArchiveSendsItsOwnUpdate) {
  const auto stub = Stub(v1::ROLE_ARCHIVE, "archive-uk-1");
  coordinator_.intake().Expect(kParticipation, "archive-uk-1", 10);
  ASSERT_THAT(Write(*stub, {UpdateHeader("0123456789"), Data(0, "0123")}), IsOk());
  EXPECT_EQ(Ask(*stub, UpdateHeader("0123456789").resource())->committed_bytes(), 4u);
  const auto done = Write(*stub, {UpdateHeader("0123456789"), Data(4, "456789")});
  ASSERT_THAT(done, IsOk());
  EXPECT_TRUE(done->complete());
  EXPECT_EQ(coordinator_.intake().Completed(kParticipation), Sha256Hex("0123456789"));
  EXPECT_EQ(testing::ReadFileOrDie(coordinator_.intake().SpoolPath(kParticipation)), "0123456789");
}

TEST_F(TransferServiceTest, AnArchiveCannotSendAnothersUpdate) {
  const auto stub = Stub(v1::ROLE_ARCHIVE, "archive-uk-2");
  coordinator_.intake().Expect(kParticipation, "archive-uk-1", 10);
  EXPECT_THAT(Write(*stub, {UpdateHeader("0123456789"), Data(0, "0123456789")}).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("another archive")));
  EXPECT_THAT(Ask(*stub, UpdateHeader("x").resource()).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, ::testing::_));
}

TEST_F(TransferServiceTest, RolesKeepToTheirKindOfUpload) {
  coordinator_.intake().Expect(kParticipation, "ada", 10);
  EXPECT_THAT(Write(*Stub(v1::ROLE_RESEARCHER, "ada"), {UpdateHeader("0123456789")}).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, ::testing::_));
  EXPECT_THAT(Write(*Stub(v1::ROLE_ARCHIVE, "archive-uk-1"), {ArtifactHeader("0123456789")}).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, ::testing::_));
}

TEST_F(TransferServiceTest, ANewerStreamOfTheSameMemberTakesOver) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  Writing first(*stub);
  ASSERT_TRUE(first.Send(ArtifactHeader("0123456789")));
  ASSERT_TRUE(first.Send(Data(0, "0123")));
  // The bytes are committed before the next stream asks.
  while (Ask(*stub, ArtifactHeader("0123456789").resource())->committed_bytes() < 4)
    std::this_thread::yield();
  EXPECT_THAT(Write(*stub, {ArtifactHeader("0123456789"), Data(4, "456789")}), IsOk());
  EXPECT_THAT(first.Finish().status(), StatusIs(absl::StatusCode::kAborted, HasSubstr("taken over")));
}

TEST_F(TransferServiceTest, ARevokedMembersOpenUploadEndsAtOnce) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  Writing writing(*stub);
  ASSERT_TRUE(writing.Send(ArtifactHeader("0123456789")));
  ASSERT_TRUE(writing.Send(Data(0, "0123")));
  while (Ask(*stub, ArtifactHeader("0123456789").resource())->committed_bytes() < 4)
    std::this_thread::yield();
  ASSERT_THAT(coordinator_.Revoke(v1::ROLE_RESEARCHER, "ada"), IsOk());
  EXPECT_THAT(writing.Finish().status(), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("revoked")));
}

TEST_F(TransferServiceTest, GarbageIsShownFirstAndWhatIsInUseIsKept) {
  const auto stub = Stub(v1::ROLE_OPERATOR, "op");
  const std::string kept = coordinator_.artifacts().Put("kept").value();
  const std::string garbage = coordinator_.artifacts().Put("garbage").value();
  coordinator_.artifacts_in_use() = {kept};
  for (const bool dry_run : {true, false}) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::DeleteArtifactsRequest request;
    request.set_dry_run(dry_run);
    v1::DeleteArtifactsResponse response;
    ASSERT_THAT(FromGrpcStatus(stub->CollectGarbage(&context, request, &response)), IsOk());
    ASSERT_EQ(response.digests_size(), 1);
    EXPECT_EQ(response.digests(0), garbage);
    EXPECT_EQ(response.bytes(), 7u);
    EXPECT_EQ(coordinator_.artifacts().Contains(garbage), dry_run);
    EXPECT_TRUE(coordinator_.artifacts().Contains(kept));
  }
}

class TransferQuotaTest : public TransferServiceTest {
 protected:
  TransferQuotaTest() : TransferServiceTest({.artifact_quota_bytes = 10}) {}
};

TEST_F(TransferQuotaTest, AnArtifactPastTheQuotaIsRefusedByName) {
  const auto stub = Stub(v1::ROLE_RESEARCHER, "ada");
  ASSERT_THAT(Write(*stub, {ArtifactHeader("012345"), Data(0, "012345")}), IsOk());
  const absl::Status status = Write(*stub, {ArtifactHeader("abcdef"), Data(0, "abcdef")}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("quota 10")));
  EXPECT_EQ(DetailOf(status).code, "artifact-quota");
  EXPECT_THAT(Write(*stub, {ArtifactHeader("abcd"), Data(0, "abcd")}), IsOk());
}

class TransferStallTest : public ::testing::Test {
 protected:
  testing::SteppedExecutor clock_;
  TestCoordinator coordinator_{{.bulk_streams = 1, .transfer_clock = &clock_}};
};

TEST_F(TransferStallTest, AStreamThatStandsStillEndsByNameAndTheNextIsAdmitted) {
  const auto ada = v1::TransferService::NewStub(coordinator_.Member(v1::ROLE_RESEARCHER, "ada"));
  const auto bo = v1::TransferService::NewStub(coordinator_.Member(v1::ROLE_RESEARCHER, "bo"));
  Writing still(*ada);
  ASSERT_TRUE(still.Send(ArtifactHeader("0123456789")));
  ASSERT_TRUE(still.Send(Data(0, "0123")));
  while (Ask(*ada, ArtifactHeader("0123456789").resource())->committed_bytes() < 4) std::this_thread::yield();
  Writing waiting(*bo);
  ASSERT_TRUE(waiting.Send(ArtifactHeader("abc")));

  clock_.Advance(absl::Seconds(119));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(still.Finish().status(),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("stood still")));
  ASSERT_TRUE(waiting.Send(Data(0, "abc")));
  EXPECT_TRUE(waiting.Finish()->complete());
}

}  // namespace
}  // namespace consort::coordinator
