#include "cli/checkpoint_pages.h"

#include <map>

#include "common/ledger/checkpoint.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace consort::cli {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using testing::StatusIs;

class CheckpointPagesTest : public ::testing::Test {
 protected:
  std::string Note(uint64_t size) {
    return ledger::SignCheckpoint({"ledger.example.org/music", size, {}}, key_);
  }

  // A coordinator with these sizes and at most `limit` a page.
  CheckpointPage Server(std::vector<uint64_t> sizes, size_t limit) {
    return [this, sizes, limit](uint64_t from) -> absl::StatusOr<std::vector<std::string>> {
      ++calls_;
      std::vector<std::string> page;
      for (const uint64_t size : sizes) {
        if (size >= from && page.size() < limit) page.push_back(Note(size));
      }
      return page;
    };
  }

  SigningKey key_ = SigningKey::Generate("ledger.example.org/music", KeyAlgorithm::kEd25519);
  int calls_ = 0;
};

TEST_F(CheckpointPagesTest, EveryPageIsReadAndNothingTwice) {
  EXPECT_THAT(ReadEveryCheckpoint(Server({1, 2, 5, 9, 10}, 2)),
              IsOkAndHolds(ElementsAre(Note(1), Note(2), Note(5), Note(9), Note(10))));
  EXPECT_EQ(calls_, 4);  // 1 2, 5 9, 10, none
}

TEST_F(CheckpointPagesTest, EmptyLedgerHasNone) {
  EXPECT_THAT(ReadEveryCheckpoint(Server({}, 2)), IsOkAndHolds(ElementsAre()));
}

TEST_F(CheckpointPagesTest, CoordinatorThatRepeatsItselfIsRefused) {
  EXPECT_THAT(ReadEveryCheckpoint([this](uint64_t) { return std::vector<std::string>{Note(3)}; }),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("size 3, expected 4")));
}

TEST_F(CheckpointPagesTest, WhatIsNoCheckpointIsRefused) {
  EXPECT_THAT(ReadEveryCheckpoint([](uint64_t) { return std::vector<std::string>{"hello"}; }),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(CheckpointPagesTest, FailedPageEndsTheReading) {
  EXPECT_THAT(ReadEveryCheckpoint([](uint64_t) { return absl::UnavailableError("away"); }),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("away")));
}

}  // namespace
}  // namespace consort::cli
