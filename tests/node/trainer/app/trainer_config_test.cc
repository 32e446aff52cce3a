#include "node/trainer/app/trainer_config.h"

#include <sys/stat.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "node/app/trainer_file.h"
#include "node/trainer/collection/recording_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class TrainerConfigTest : public ::testing::Test {
 protected:
  absl::StatusOr<TrainerConfig> Read(const std::string& text,
                                     const Environment& environment = NoEnvironment()) {
    testing::WriteFileOrDie(directory_.Path("trainer.toml"), text);
    return ReadTrainerConfig(directory_.Path("trainer.toml"), environment);
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(TrainerConfigTest, EveryKeyIsRead) {
  const auto config = Read(R"([collection]
recordings = "/music"
consent = "declared-by-operator"
traditions = {harp = "Celtic harp"}
max_recording_seconds = 60
[state]
directory = "/state"
[listening]
directory = "/listening"
[training]
threads = 2
[log]
level = "debug"
)");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->engine.recordings_directory, "/music");
  EXPECT_EQ(config->engine.consent, "declared-by-operator");
  EXPECT_THAT(config->engine.traditions, ElementsAre(Pair("harp", "Celtic harp")));
  EXPECT_EQ(config->engine.max_recording_seconds, 60);
  EXPECT_EQ(config->engine.state_directory, "/state");
  EXPECT_EQ(config->engine.listening_directory, "/listening");
  EXPECT_EQ(config->engine.threads, 2);
  EXPECT_EQ(config->log_level, "debug");
}

TEST_F(TrainerConfigTest, CoordinatorsTrainerHasNoCollection) {
  const auto config = Read("[state]\ndirectory = \"/state\"\n");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->engine.recordings_directory, "");
}

TEST_F(TrainerConfigTest, ConsentIsNeverAssumed) {
  const auto config = Read("[collection]\nrecordings = \"/music\"\n[state]\ndirectory = \"/state\"\n");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->engine.consent, "");
}

TEST_F(TrainerConfigTest, TheFileOfAnEnrolmentSaysConsentOnlyIfTheOperatorDeclaredIt) {
  node::TrainerFile file{"/music", "/state", "/listening", {{"dizi \"north\"", "北方笛子"}}, false};
  auto config = Read(node::FormatTrainerFile(file).value());
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->engine.consent, "");
  EXPECT_FALSE(RecordingPolicy(config->engine.consent).AllowsSurvey().ok());
  EXPECT_THAT(config->engine.traditions, ElementsAre(Pair("dizi \"north\"", "北方笛子")));

  file.consent_declared = true;
  config = Read(node::FormatTrainerFile(file).value());
  ASSERT_THAT(config, IsOk());
  EXPECT_THAT(RecordingPolicy(config->engine.consent).AllowsSurvey(), IsOk());
}

TEST_F(TrainerConfigTest, CollectionWithoutRecordingsIsRefused) {
  EXPECT_THAT(Read("[collection]\nconsent = \"declared-by-operator\"\n[state]\ndirectory = \"/state\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("recordings")));
}

TEST_F(TrainerConfigTest, MisspeltKeyIsNamed) {
  EXPECT_THAT(Read("[state]\ndirectory = \"/state\"\n[training]\nthread = 2\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("thread")));
}

TEST_F(TrainerConfigTest, EnvironmentWinsOverTheFile) {
  const auto config =
      Read("[state]\ndirectory = \"/state\"\n[training]\nthreads = 2\n", [](const std::string& name) {
        return name == "CONSORT_TRAINING_THREADS" ? std::optional<std::string>("3") : std::nullopt;
      });
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->engine.threads, 3);
}

TEST_F(TrainerConfigTest, RecordingsInsideAWritableFolderAreRefused) {
  ASSERT_EQ(mkdir(directory_.Path("music").c_str(), 0700), 0);
  EXPECT_THAT(
      Read(absl::StrCat("[collection]\nrecordings = \"", directory_.Path("music"),
                        "\"\n[state]\ndirectory = \"", directory_.path(), "\"\n")),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("lies in a folder that the trainer writes")));
}

TEST_F(TrainerConfigTest, StateInsideTheRecordingsIsAllowed) {
  EXPECT_THAT(Read(absl::StrCat("[collection]\nrecordings = \"", directory_.path(),
                                "\"\n[state]\ndirectory = \"", directory_.Path("state"), "\"\n")),
              IsOk());
}

}  // namespace
}  // namespace consort::trainer
