#include "node/trainer/collection/use_log.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;

TEST(UseLogTest, WritesOneLineForEachRecordingOfARound) {
  const TemporaryDirectory directory;
  UseLog log(directory.Path("use.jsonl"));
  ASSERT_THAT(log.Append("round-1", "train", {{"a", 3}, {"b", 1}}), IsOk());
  ASSERT_THAT(log.Append("round-2", "evaluate", {{"a", 1}}), IsOk());
  EXPECT_EQ(ReadFileOrDie(directory.Path("use.jsonl")),
            "{\"round_id\":\"round-1\",\"use\":\"train\",\"recording_id\":\"a\",\"windows\":3}\n"
            "{\"round_id\":\"round-1\",\"use\":\"train\",\"recording_id\":\"b\",\"windows\":1}\n"
            "{\"round_id\":\"round-2\",\"use\":\"evaluate\",\"recording_id\":\"a\",\"windows\":1}\n");
}

TEST(UseLogTest, LineThatACrashCutShortDoesNotSwallowTheNext) {
  const TemporaryDirectory directory;
  WriteFileOrDie(directory.Path("use.jsonl"), "{\"round_id\":\"rou");
  ASSERT_THAT(UseLog(directory.Path("use.jsonl")).Append("round-2", "train", {{"a", 1}}), IsOk());
  EXPECT_EQ(ReadFileOrDie(directory.Path("use.jsonl")),
            "{\"round_id\":\"rou\n"
            "{\"round_id\":\"round-2\",\"use\":\"train\",\"recording_id\":\"a\",\"windows\":1}\n");
}

TEST(UseLogTest, SaysWhenItCannotWrite) {
  EXPECT_EQ(UseLog("/nonexistent/use.jsonl").Append("round", "train", {{"a", 1}}).code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace consort::trainer
