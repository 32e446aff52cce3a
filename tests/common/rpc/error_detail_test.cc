#include "common/rpc/error_detail.h"

#include "common/rpc/status_mapping.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST(StatusMappingTest, CodeMessageAndDetailSurviveTheTrip) {
  const absl::Status status =
      WithDetail(absl::FailedPreconditionError("round is closed"), "round-closed", "round 7");
  const absl::Status back = FromGrpcStatus(ToGrpcStatus(status));
  EXPECT_THAT(back, StatusIs(absl::StatusCode::kFailedPrecondition, "round is closed"));
  EXPECT_EQ(DetailOf(back).code, "round-closed");
  EXPECT_EQ(DetailOf(back).object, "round 7");
}

TEST(StatusMappingTest, EveryCodeOfAbseilIsTheSameNumberInGrpc) {
  // Both lists are google.rpc.Code: 0 OK to 16 UNAUTHENTICATED.
  EXPECT_EQ(ToGrpcStatus(absl::DataLossError("")).error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(ToGrpcStatus(absl::UnauthenticatedError("")).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ToGrpcStatus(absl::CancelledError("")).error_code(), grpc::StatusCode::CANCELLED);
}

TEST(StatusMappingTest, OkStaysOkAndTakesNoDetail) {
  EXPECT_THAT(FromGrpcStatus(ToGrpcStatus(WithDetail(absl::OkStatus(), "x"))), IsOk());
  EXPECT_EQ(DetailOf(absl::OkStatus()).code, "");
}

TEST(StatusMappingTest, AnErrorWithoutDetailIsNamedAfterItsCode) {
  EXPECT_EQ(DetailOf(FromGrpcStatus(ToGrpcStatus(absl::NotFoundError("no such job")))).code, "not-found");
}

TEST(StatusMappingTest, ForeignDetailsAreIgnored) {
  const absl::Status status =
      FromGrpcStatus(grpc::Status(grpc::StatusCode::ABORTED, "m", "\x08\x01something"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, "m"));
  EXPECT_EQ(DetailOf(status).code, "aborted");
}

TEST(StatusMappingTest, LineBreaksCannotForgeAnObject) {
  const absl::Status status = WithDetail(absl::InternalError("m"), "a\nb", "c\nd");
  EXPECT_EQ(DetailOf(status).code, "a b");
  EXPECT_EQ(DetailOf(status).object, "c d");
}

TEST(StatusMappingTest, LongTextIsCut) {
  const absl::Status status = absl::InternalError(std::string(100'000, 'x'));
  EXPECT_EQ(ToGrpcStatus(status).error_message().size(), kMaxErrorMessageBytes);
}

}  // namespace
}  // namespace consort
