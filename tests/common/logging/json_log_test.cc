#include "common/logging/json_log.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// What `log` writes to stderr.
template <class Log>
std::string Written(const Log& log) {
  ::testing::internal::CaptureStderr();
  log();
  spdlog::default_logger()->flush();
  return ::testing::internal::GetCapturedStderr();
}

TEST(JsonLogTest, EachMessageIsOneJsonObjectOnALine) {
  ASSERT_THAT(StartJsonLog("consort-node", "info"), IsOk());
  const std::string line = Written([] { spdlog::info("ready: \"quoted\"\nsecond line 曲"); });
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto parsed = nlohmann::json::parse(line);
  EXPECT_EQ(parsed["program"], "consort-node");
  EXPECT_EQ(parsed["level"], "info");
  EXPECT_EQ(parsed["message"], "ready: \"quoted\"\nsecond line 曲");
  EXPECT_THAT(parsed["time"].get<std::string>(), MatchesRegex("....-..-..T..:..:..\\....Z"));
}

TEST(JsonLogTest, LevelsBelowTheConfiguredOneAreLeftOut) {
  ASSERT_THAT(StartJsonLog("consort-node", "warning"), IsOk());
  EXPECT_EQ(Written([] { spdlog::info("unheard"); }), "");
}

TEST(JsonLogTest, BytesThatAreNoUtf8AreReplaced) {
  ASSERT_THAT(StartJsonLog("consort-node", "info"), IsOk());
  const std::string line = Written([] { spdlog::info("bad \xFF byte"); });
  EXPECT_EQ(nlohmann::json::parse(line)["message"], "bad \xEF\xBF\xBD byte");  // U+FFFD
}

TEST(JsonLogTest, UnknownLevelIsNamedAndTheLogStays) {
  ASSERT_THAT(StartJsonLog("consort-node", "info"), IsOk());
  EXPECT_THAT(StartJsonLog("consort-node", "loud"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("loud")));
  EXPECT_THAT(Written([] { spdlog::info("still heard"); }), HasSubstr("still heard"));
}

}  // namespace
}  // namespace consort
