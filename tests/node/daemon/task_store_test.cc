#include "node/daemon/task_store.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::IsOkAndHolds;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;

class TaskStoreTest : public ::testing::Test {
 protected:
  testing::TemporaryDirectory directory_;
  const TaskStore store_ = TaskStore::Open(directory_.Path("tasks")).value();
};

TEST_F(TaskStoreTest, RecordsOutliveTheObject) {
  ASSERT_THAT(store_.Write("a1", Record::kTask, "bytes"), IsOk());
  const TaskStore again = TaskStore::Open(directory_.Path("tasks")).value();
  EXPECT_THAT(again.Read("a1", Record::kTask), IsOkAndHolds("bytes"));
  EXPECT_THAT(again.List(), IsOkAndHolds(ElementsAre("a1")));
}

TEST_F(TaskStoreTest, RecordThatWasNotWrittenIsNotFound) {
  ASSERT_THAT(store_.Write("a1", Record::kTask, "bytes"), IsOk());
  EXPECT_THAT(store_.Read("a1", Record::kEntry), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_FALSE(store_.Has("a1", Record::kEntry));
}

TEST_F(TaskStoreTest, IdsThatWouldLeaveTheFolderAreRefused) {
  for (const char* id : {"", "..", "a/b", "A", "a b", "a\n"}) {
    EXPECT_THAT(store_.Write(id, Record::kTask, "x"), StatusIs(absl::StatusCode::kInvalidArgument, _)) << id;
    EXPECT_THAT(store_.Retire(id), StatusIs(absl::StatusCode::kInvalidArgument, _)) << id;
  }
  EXPECT_THAT(TaskStore::CheckId(std::string(65, 'a')), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(TaskStoreTest, RemovingARecordLeavesTheOthers) {
  ASSERT_THAT(store_.Write("a1", Record::kTask, "offer"), IsOk());
  ASSERT_THAT(store_.Write("a1", Record::kAnswer, "answer"), IsOk());
  EXPECT_THAT(store_.Remove("a1", Record::kTask), IsOk());
  EXPECT_FALSE(store_.Has("a1", Record::kTask));
  EXPECT_THAT(store_.Read("a1", Record::kAnswer), IsOkAndHolds("answer"));
  EXPECT_THAT(store_.Remove("a1", Record::kTask), IsOk());
}

TEST_F(TaskStoreTest, ADeliveredPayloadsFileServesTheNextTasksValues) {
  ASSERT_THAT(store_.Write("a1", Record::kTask, "task"), IsOk());
  ASSERT_THAT(store_.Write("b2", Record::kTask, "task"), IsOk());
  testing::WriteFileOrDie(store_.PayloadPath("a1"), "payload");
  ASSERT_THAT(store_.KeepSpare("a1"), IsOk());
  EXPECT_THAT(store_.List(), IsOkAndHolds(ElementsAre("a1", "b2")));
  ASSERT_THAT(store_.TakeSpare("b2"), IsOk());
  EXPECT_EQ(testing::ReadFileOrDie(store_.ValuesPath("b2")), "payload");
  EXPECT_THAT(store_.TakeSpare("b2"), IsOk());  // there is none: the values begin as a new file
}

TEST_F(TaskStoreTest, RemovingTheSpareLeavesNothingBehind) {
  ASSERT_THAT(store_.Write("a1", Record::kTask, "task"), IsOk());
  testing::WriteFileOrDie(store_.PayloadPath("a1"), "payload");
  ASSERT_THAT(store_.KeepSpare("a1"), IsOk());
  ASSERT_THAT(store_.RemoveSpare(), IsOk());
  ASSERT_THAT(store_.TakeSpare("a1"), IsOk());
  EXPECT_FALSE(std::filesystem::exists(store_.ValuesPath("a1")));
}

TEST_F(TaskStoreTest, RetiringKeepsTheVerdictAlone) {
  ASSERT_THAT(store_.Write("a1", Record::kTask, "task"), IsOk());
  ASSERT_THAT(store_.Write("a1", Record::kVerdict, "receipt"), IsOk());
  testing::WriteFileOrDie(store_.PayloadPath("a1"), "payload");
  ASSERT_THAT(store_.Retire("a1"), IsOk());
  EXPECT_THAT(store_.Read("a1", Record::kVerdict), IsOkAndHolds("receipt"));
  EXPECT_FALSE(store_.Has("a1", Record::kTask));
  ASSERT_THAT(store_.Write("b2", Record::kTask, "task"), IsOk());
  ASSERT_THAT(store_.Retire("b2"), IsOk());
  EXPECT_THAT(store_.List(), IsOkAndHolds(ElementsAre("a1")));
}

}  // namespace
}  // namespace consort::node
