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
  SpareBuffers spare;
  ArtifactIntake intake(spare);
  ASSERT_THAT(intake.Add(Part("base", 5, "abc")), IsOk());
  ASSERT_THAT(intake.Add(Part("state", 1, "x")), IsOk());
  ASSERT_THAT(intake.Add(Part("base", 5, "de")), IsOk());
  ASSERT_THAT(intake.CheckComplete(), IsOk());
  EXPECT_EQ(intake.Get("base"), "abcde");
  EXPECT_EQ(intake.Get("state"), "x");
}

TEST(ArtifactIntakeTest, ArtifactThatNeverCameIsEmpty) {
  SpareBuffers spare;
  EXPECT_EQ(ArtifactIntake(spare).Get("before"), "");
}

TEST(ArtifactIntakeTest, MemoryOfOneCallServesTheNextAndHoldsOnlyItsBytes) {
  SpareBuffers spare;
  const char* first = nullptr;
  {
    ArtifactIntake intake(spare);
    ASSERT_THAT(intake.Add(Part("state", 1000, std::string(1000, 'x'))), IsOk());
    first = intake.Get("state").data();
  }
  ArtifactIntake intake(spare);
  ASSERT_THAT(intake.Add(Part("state", 900, std::string(900, 'y'))), IsOk());
  EXPECT_EQ(intake.Get("state").data(), first);
  EXPECT_EQ(intake.Get("state"), std::string(900, 'y'));
}

TEST(ArtifactIntakeTest, MissingBytesAreNamed) {
  SpareBuffers spare;
  ArtifactIntake intake(spare);
  ASSERT_THAT(intake.Add(Part("after", 5, "abc")), IsOk());
  EXPECT_THAT(intake.CheckComplete(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("after has 3 of 5")));
}

TEST(ArtifactIntakeTest, MoreBytesThanAnnouncedAreRefusedAndChangeNothing) {
  SpareBuffers spare;
  ArtifactIntake intake(spare);
  ASSERT_THAT(intake.Add(Part("base", 3, "ab")), IsOk());
  EXPECT_THAT(intake.Add(Part("base", 3, "cd")),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
  EXPECT_EQ(intake.Get("base"), "ab");
}

TEST(ArtifactIntakeTest, AnotherAnnouncedLengthIsRefused) {
  SpareBuffers spare;
  ArtifactIntake intake(spare);
  ASSERT_THAT(intake.Add(Part("base", 3, "ab")), IsOk());
  EXPECT_THAT(intake.Add(Part("base", 4, "c")),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
}

TEST(ArtifactIntakeTest, TooLargeAnArtifactIsRefusedBeforeItsBytesCome) {
  SpareBuffers spare;
  ArtifactIntake intake(spare);
  EXPECT_THAT(intake.Add(Part("base", ArtifactIntake::kMaxArtifactBytes + 1, "")),
              StatusIs(absl::StatusCode::kResourceExhausted, StartsWith("artifact-too-large")));
}

TEST(ArtifactIntakeTest, FourthArtifactIsRefused) {
  SpareBuffers spare;
  ArtifactIntake intake(spare);
  for (const char* name : {"base", "before", "after"}) ASSERT_THAT(intake.Add(Part(name, 1, "x")), IsOk());
  EXPECT_THAT(intake.Add(Part("another", 1, "x")),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
}

}  // namespace
}  // namespace consort::trainer
