#include "coordinator/app/coordinator_config.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class CoordinatorConfigTest : public ::testing::Test {
 protected:
  absl::StatusOr<CoordinatorConfig> Load(const std::string& text) {
    testing::WriteFileOrDie(directory_.Path("coordinator.toml"), text);
    return LoadCoordinatorConfig(directory_.Path("coordinator.toml"));
  }
  testing::TemporaryDirectory directory_;
};

TEST_F(CoordinatorConfigTest, WhatInitWritesIsReadWithPathsBesideTheFile) {
  const auto text =
      FormatCoordinatorConfig("example.org", "music", "127.0.0.1:8443", "host.example.org:443", "");
  const auto config = Load(text.value());
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->federation, "example.org");
  EXPECT_EQ(config->advertise, "host.example.org:443");
  EXPECT_EQ(config->identity().origin, "ledger.example.org/music");
  EXPECT_EQ(config->entry_key_name(), "coordinator.example.org/entries");
  EXPECT_EQ(config->database(), directory_.Path("state/consort.db"));
  EXPECT_EQ(config->Key("log.key"), directory_.Path("keys/log.key"));
  EXPECT_EQ(config->trainer_socket, directory_.Path("state/trainer.sock"));
  EXPECT_EQ(config->trainer_program, "");
  EXPECT_EQ(config->seal_delay, absl::Seconds(10));
  EXPECT_EQ(config->bulk_streams, 8);
  EXPECT_EQ(config->policy_file, "");
  EXPECT_EQ(config->faulty, -1);
  EXPECT_EQ(config->witness_window, absl::Hours(24));
}

TEST_F(CoordinatorConfigTest, WhatTheLedgerAsksOfWitnessesIsRead) {
  const auto config = Load(
      "[federation]\nname = 'example.org'\n"
      "[ledger]\npolicy = 'keys/policy'\nfaulty = 1\npublish = 'public'\nwitness_hours = 2\n");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->policy_file, directory_.Path("keys/policy"));
  EXPECT_EQ(config->faulty, 1);
  EXPECT_EQ(config->publish_directory, directory_.Path("public"));
  EXPECT_EQ(config->witness_window, absl::Hours(2));
}

TEST_F(CoordinatorConfigTest, FoldersAndFilesOfTheLedgerAreTakenFromTheFilesFolder) {
  const auto config = Load(
      "[federation]\nname = 'example.org'\n[ledger]\npublish = 'public'\n"
      "[keys]\npassphrase_file = 'secret/passphrase'\n");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->publish_directory, directory_.Path("public"));
  EXPECT_EQ(config->keys().passphrase_file, directory_.Path("secret/passphrase"));
  EXPECT_EQ(config->keys().folder, directory_.Path("keys"));
  const auto without = Load("[federation]\nname = 'example.org'\n");
  EXPECT_EQ(without->publish_directory, "");
  EXPECT_EQ(without->passphrase_file, "");
}

TEST_F(CoordinatorConfigTest, TheNameIsRequiredAndChecked) {
  EXPECT_THAT(Load("[server]\nlisten = '127.0.0.1:1'\n").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("federation.name")));
  EXPECT_THAT(Load("[federation]\nname = 'Not A Name'\n").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Not A Name")));
}

TEST_F(CoordinatorConfigTest, WrongValuesAreNamedWithTheirKey) {
  const std::string good = "[federation]\nname = 'example.org'\n";
  for (const auto& [text, message] :
       std::map<std::string, std::string>{{"[server]\nlisten = 'nowhere'\n", "server.listen"},
                                          {"[server]\nadvertise = 'a:99999'\n", "server.advertise"},
                                          {"[ledger]\nseal_seconds = 0\n", "ledger.seal_seconds"},
                                          {"[ledger]\nfaulty = 256\n", "ledger.faulty"},
                                          {"[ledger]\nwitness_hours = 0\n", "ledger.witness_hours"},
                                          {"[limits]\nbulk_streams = 1000\n", "limits.bulk_streams"},
                                          {"[metrics]\nlisten = '0.0.0.0:9464'\n", "metrics.listen"},
                                          {"[ledger]\nseal_second = 5\n", "seal_second"}}) {
    EXPECT_THAT(Load(good + text).status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)))
        << text;
  }
}

TEST(SplitHostPortTest, TakesNamesAndBothKindsOfAddress) {
  EXPECT_EQ(SplitHostPort("host.example.org:443")->host, "host.example.org");
  EXPECT_FALSE(SplitHostPort("host.example.org:443")->is_ip);
  EXPECT_EQ(SplitHostPort("[::1]:8443")->host, "::1");
  EXPECT_TRUE(SplitHostPort("[::1]:8443")->is_ip);
  EXPECT_TRUE(SplitHostPort("127.0.0.1:0")->is_ip);
  for (const char* bad : {"", ":1", "a", "a:", "a:-1", "a:65536", "a:b"}) {
    EXPECT_THAT(SplitHostPort(bad).status(), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_))
        << bad;
  }
}

TEST(TomlLiteralTest, RefusesWhatWouldEndTheString) {
  EXPECT_EQ(TomlLiteral("/srv/\\x").value(), "'/srv/\\x'");
  EXPECT_FALSE(TomlLiteral("it's").ok());
  EXPECT_FALSE(TomlLiteral("a\nb").ok());
}

}  // namespace
}  // namespace consort::coordinator
