#include "coordinator/store/group_commit.h"

#include <string>
#include <vector>

#include "common/status/macros.h"
#include "coordinator/store/sqlite_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/simulated_executor.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::SimulatedExecutor;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// Counts the commits, and fails them where told.
class WatchedStore : public Store {
 public:
  absl::Status Transact(const std::function<absl::Status(Transaction&)>& work) override {
    ++commits;
    if (fails.ok()) return store_->Transact(work);
    return store_->Transact([&](Transaction& transaction) -> absl::Status {
      RETURN_IF_ERROR(work(transaction));
      return fails;
    });
  }
  absl::Status ForgetOverwritten() override { return store_->ForgetOverwritten(); }
  absl::Status Backup(const std::string& path) override { return store_->Backup(path); }

  int commits = 0;
  absl::Status fails;

 private:
  std::unique_ptr<Store> store_ = SqliteStore::Open(":memory:").value();
};

class GroupCommitTest : public ::testing::Test {
 protected:
  // Appends a leaf named `payload` and notes what became of it.
  void AddLeaf(const std::string& payload) {
    group_.Add(
        [payload](Transaction& transaction) -> absl::Status {
          LeafRow leaf;
          ASSIGN_OR_RETURN(leaf.index, transaction.LedgerSize());
          leaf.payload_digest = payload;
          return transaction.InsertLeaf(leaf);
        },
        [this, payload](const absl::Status& status) {
          done_.push_back(payload + ": " + std::string(absl::StatusCodeToString(status.code())));
        });
  }
  std::vector<std::string> Leaves() {
    std::vector<std::string> payloads;
    EXPECT_THAT(store_.Transact([&](Transaction& t) {
      return t.ReadLeaves(0, 1000, [&](const LeafRow& leaf) {
        payloads.push_back(leaf.payload_digest);
        return absl::OkStatus();
      });
    }),
                IsOk());
    return payloads;
  }

  WatchedStore store_;
  SimulatedExecutor executor_;
  GroupCommit group_{store_, executor_};
  std::vector<std::string> done_;
};

TEST_F(GroupCommitTest, WorkOfOneMomentIsOneCommitInTheOrderItWasAdded) {
  AddLeaf("a");
  AddLeaf("b");
  AddLeaf("c");
  EXPECT_THAT(done_, SizeIs(0));
  executor_.RunUntilIdle();
  EXPECT_EQ(store_.commits, 1);
  EXPECT_THAT(done_, ElementsAre("a: OK", "b: OK", "c: OK"));
  EXPECT_THAT(Leaves(), ElementsAre("a", "b", "c"));
}

TEST_F(GroupCommitTest, OneThatFailsLeavesNothingAndTheOthersStand) {
  AddLeaf("a");
  AddLeaf("a");  // a payload is unique
  AddLeaf("b");
  executor_.RunUntilIdle();
  EXPECT_THAT(done_, ElementsAre("a: OK", "a: ALREADY_EXISTS", "b: OK"));
  EXPECT_THAT(Leaves(), ElementsAre("a", "b"));
}

TEST_F(GroupCommitTest, ACommitThatFailsFailsAll) {
  store_.fails = absl::ResourceExhaustedError("full");
  AddLeaf("a");
  AddLeaf("b");
  executor_.RunUntilIdle();
  EXPECT_THAT(done_, ElementsAre("a: RESOURCE_EXHAUSTED", "b: RESOURCE_EXHAUSTED"));
  store_.fails = absl::OkStatus();
  EXPECT_THAT(Leaves(), SizeIs(0));
}

TEST_F(GroupCommitTest, MoreThanAGroupIsCommittedInSeveral) {
  for (size_t i = 0; i <= GroupCommit::kMaxGroup; ++i) AddLeaf(std::to_string(i));
  executor_.RunUntilIdle();
  EXPECT_EQ(store_.commits, 2);
  EXPECT_THAT(done_, SizeIs(GroupCommit::kMaxGroup + 1));
  EXPECT_THAT(Leaves(), SizeIs(GroupCommit::kMaxGroup + 1));
}

TEST_F(GroupCommitTest, WhoIsDoneMayAddMore) {
  group_.Add([](Transaction&) { return absl::OkStatus(); }, [this](const absl::Status&) { AddLeaf("next"); });
  executor_.RunUntilIdle();
  EXPECT_THAT(Leaves(), ElementsAre("next"));
}

TEST_F(GroupCommitTest, WorkThatWaitsIsDroppedWithTheGroup) {
  {
    GroupCommit ended(store_, executor_);
    ended.Add([](Transaction&) { return absl::OkStatus(); },
              [this](const absl::Status&) { done_.push_back("never"); });
  }
  executor_.RunUntilIdle();
  EXPECT_THAT(done_, SizeIs(0));
}

}  // namespace
}  // namespace consort::coordinator
