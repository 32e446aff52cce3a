// Archives whose link goes dark while they send.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/bad_link.h"

namespace consort::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(BadLinkTest, StalledUploadFailsByNameAndTheRoundGoesOnWithoutIt) {
  Start(/*coordinates=*/2'000'000);
  relay_->SetRate(4 << 20);
  const std::string job = federation_->SubmitJob({.quorum = 1, .stall_seconds = 5});
  const auto watch = federation_->StartConsort({"job", "watch", job});
  ASSERT_TRUE(relay_->WaitForBytesUp(3 << 20, kJobLimit)) << watch->Output();
  relay_->Stall();

  // The round needs one archive, the release of its model both as witnesses.
  EXPECT_TRUE(watch->WaitForOutput("awaiting-witnesses: archive-cn-1", kJobLimit)) << watch->Output();
  relay_->Resume();
  EXPECT_EQ(watch->Wait(kJobLimit), 0) << watch->Output();
  EXPECT_THAT(watch->Output(), HasSubstr("round 1 archive-cn-1 failed: stalled: no progress for 5 s"));
  const nlohmann::json shown = federation_->ShowJob(job);
  EXPECT_EQ(PartOf(shown, kNear)["state"], "acknowledged");
  EXPECT_THAT(PartOf(shown, kFar)["reason"].get<std::string>(), StartsWith("stalled"));
}

TEST_F(BadLinkTest, StalledArchiveThatTheQuorumNeedsIsNamedByTheExitOfTheJob) {
  Start(/*coordinates=*/2'000'000);
  relay_->SetRate(4 << 20);
  const std::string job = federation_->SubmitJob({.stall_seconds = 5});
  const auto watch = federation_->StartConsort({"job", "watch", job});
  ASSERT_TRUE(relay_->WaitForBytesUp(3 << 20, kJobLimit)) << watch->Output();
  relay_->Stall();

  EXPECT_EQ(watch->Wait(kJobLimit), 5) << watch->Output();
  EXPECT_THAT(watch->Output(), HasSubstr("missing archives: archive-cn-1"));
}

}  // namespace
}  // namespace consort::testing
