// A slow link is not a dead one.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/bad_link.h"

namespace consort::testing {
namespace {

// Each way takes 12 s, longer than what counts as stalled: slow is not dead.
TEST_F(BadLinkTest, OneMegabitPerSecondCompletesARound) {
  Start(/*coordinates=*/375'000);
  relay_->SetRate(125'000);
  const std::string job = federation_->SubmitJob({.stall_seconds = 11});
  const Finished watched = federation_->Consort({"job", "watch", job}, kJobLimit);
  EXPECT_EQ(watched.exit_code, 0) << watched.output;
  EXPECT_EQ(PartOf(federation_->ShowJob(job), kFar)["state"], "acknowledged");
  EXPECT_GE(relay_->bytes_up(), 4 * 375'001);  // by hand: 4 bytes a coordinate, and the weight
}

}  // namespace
}  // namespace consort::testing
