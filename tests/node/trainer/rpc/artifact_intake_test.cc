#include "node/trainer/rpc/artifact_intake.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::ArtifactPart Part(const std::string& name, uint64_t total, const std::string& data) {
  v1::ArtifactPart part;
  part.set_name(name);
  part.set_total_bytes(total);
  part.set_data(data);
  return part;
}

TEST(ArtifactIntakeTest, PartsOfTwoArtifactsAreJoinedApart) {
  ArtifactIntake intake;
  ASSERT_THAT(intake.Add(Part("base", 5, "abc")), IsOk());
  ASSERT_THAT(intake.Add(Part("state", 1, "x")), IsOk());
  ASSERT_THAT(intake.Add(Part("base", 5, "de")), IsOk());
  ASSERT_THAT(intake.CheckComplete(), IsOk());
  EXPECT_EQ(intake.Get("base"), "abcde");
  EXPECT_EQ(intake.Get("state"), "x");
}

TEST(ArtifactIntakeTest, ArtifactThatNeverCameIsEmpty) { EXPECT_EQ(ArtifactIntake().Get("before"), ""); }

TEST(ArtifactIntakeTest, MissingBytesAreNamed) {
  ArtifactIntake intake;
  ASSERT_THAT(intake.Add(Part("after", 5, "abc")), IsOk());
  EXPECT_THAT(intake.CheckComplete(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("after has 3 of 5")));
}

TEST(ArtifactIntakeTest, MoreBytesThanAnnouncedAreRefusedAndChangeNothing) {
  ArtifactIntake intake;
  ASSERT_THAT(intake.Add(Part("base", 3, "ab")), IsOk());
  EXPECT_THAT(intake.Add(Part("base", 3, "cd")),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
  EXPECT_EQ(intake.Get("base"), "ab");
}

TEST(ArtifactIntakeTest, AnotherAnnouncedLengthIsRefused) {
  ArtifactIntake intake;
  ASSERT_THAT(intake.Add(Part("base", 3, "ab")), IsOk());
  EXPECT_THAT(intake.Add(Part("base", 4, "c")),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
}

TEST(ArtifactIntakeTest, TooLargeAnArtifactIsRefusedBeforeItsBytesCome) {
  ArtifactIntake intake;
  EXPECT_THAT(intake.Add(Part("base", ArtifactIntake::kMaxArtifactBytes + 1, "")),
              StatusIs(absl::StatusCode::kResourceExhausted, StartsWith("artifact-too-large")));
}

TEST(ArtifactIntakeTest, FourthArtifactIsRefused) {
  ArtifactIntake intake;
  for (const char* name : {"base", "before", "after"}) ASSERT_THAT(intake.Add(Part(name, 1, "x")), IsOk());
  EXPECT_THAT(intake.Add(Part("another", 1, "x")),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
}

}  // namespace
}  // namespace consort::trainer
