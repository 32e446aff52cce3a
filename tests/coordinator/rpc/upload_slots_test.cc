#include "coordinator/rpc/upload_slots.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

using testing::IsOk;
using testing::StatusIs;

absl::Status Nothing(std::unique_ptr<SpoolWriter>&) { return absl::OkStatus(); }

TEST(UploadSlotsTest, TheSameMemberTakesOverAndTheOldHolderIsTold) {
  testing::TemporaryDirectory directory;
  UploadSlots slots;
  bool displaced = false;
  const auto open = [&](std::unique_ptr<SpoolWriter>& writer) -> absl::Status {
    auto opened = SpoolWriter::Open(directory.Path("spool"), 10);
    if (!opened.ok()) return opened.status();
    writer = *std::move(opened);
    return absl::OkStatus();
  };
  const auto first = slots.Claim("x", "a", [&] { displaced = true; }).value();
  ASSERT_THAT(first->Use(open), IsOk());
  const auto second = slots.Claim("x", "a", [] {}).value();
  EXPECT_TRUE(displaced);
  EXPECT_THAT(first->Use(Nothing), StatusIs(absl::StatusCode::kAborted, ::testing::_));
  // The old writer is closed: the file can be opened again.
  EXPECT_THAT(second->Use(open), IsOk());
}

TEST(UploadSlotsTest, AnotherMemberHasToWait) {
  UploadSlots slots;
  auto first = slots.Claim("x", "a", [] {}).value();
  EXPECT_THAT(slots.Claim("x", "b", [] {}).status(), StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
  EXPECT_THAT(first->Use(Nothing), IsOk());
  EXPECT_THAT(slots.Claim("y", "b", [] {}), IsOk());
  first.reset();
  EXPECT_THAT(slots.Claim("x", "b", [] {}), IsOk());
}

}  // namespace
}  // namespace consort::coordinator
