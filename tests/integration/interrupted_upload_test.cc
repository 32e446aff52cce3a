// Nodes that are killed, and links that are cut, in the middle of an update.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/bad_link.h"

namespace consort::testing {
namespace {

// Beside the payload: TLS records, HTTP/2 frames, handshakes, heartbeats, the session's messages.
constexpr int64_t kOverheadBytes = 256 << 10;
constexpr int64_t kChunkBytes = 1 << 20;  // what a node sends at a time: the most that a cut can lose
constexpr int64_t kCoordinates = 4'000'000;
constexpr int64_t kPayloadBytes = 4 * (kCoordinates + 1);  // the weight comes with them

TEST_F(BadLinkTest, NodeKilledInMidUploadSendsOnlyWhatIsMissing) {
  Start(kCoordinates);
  relay_->SetRate(4 << 20);
  const std::string job = federation_->SubmitJob({.quorum = 2});
  const auto watch = federation_->StartConsort({"job", "watch", job});
  ASSERT_TRUE(relay_->WaitForBytesUp(6 << 20, kJobLimit)) << watch->Output();
  federation_->node(kFar).Kill();
  relay_->Cut();
  const int64_t spooled = federation_->SpoolLengths().front();
  ASSERT_GT(spooled, 0);
  ASSERT_LT(spooled, kPayloadBytes);
  const int64_t sent_before = relay_->bytes_up();
  relay_->SetRate(0);
  federation_->StartNode(kFar);

  EXPECT_EQ(watch->Wait(kJobLimit), 0) << watch->Output();
  EXPECT_LT(relay_->bytes_up() - sent_before, kPayloadBytes - spooled + kOverheadBytes);
  EXPECT_LT(relay_->bytes_up(), kPayloadBytes + kChunkBytes + 2 * kOverheadBytes);
  EXPECT_EQ(PartOf(federation_->ShowJob(job), kFar)["state"], "acknowledged");
  // The same payload: journaled before its first byte, and once.
  EXPECT_EQ(federation_->JournalRows(kFar, "update").size(), 1u);
}

TEST_F(BadLinkTest, CutInMidUploadSendsOnlyWhatIsMissing) {
  Start(kCoordinates);
  relay_->SetRate(4 << 20);
  const std::string job = federation_->SubmitJob({.quorum = 2});
  const auto watch = federation_->StartConsort({"job", "watch", job});
  ASSERT_TRUE(relay_->WaitForBytesUp(6 << 20, kJobLimit)) << watch->Output();
  relay_->Cut();

  EXPECT_EQ(watch->Wait(kJobLimit), 0) << watch->Output();
  EXPECT_LT(relay_->bytes_up(), kPayloadBytes + kChunkBytes + 2 * kOverheadBytes);
}

}  // namespace
}  // namespace consort::testing
