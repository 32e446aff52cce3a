// `consort-trainer retrieve` and `resynthesise` as an archive's staff run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/status/exit_code.h"
#include "node/trainer/families/descriptor_mixture.h"
#include "tests/node/trainer/families/sound_repertoire.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::Finished;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::RunToEnd;
using ::testing::HasSubstr;
using namespace ::consort::trainer::testing;

constexpr int kRate = 44100;
constexpr int kWavHeaderBytes = 44;

std::vector<float> Flute(int number) { return Sine(400.0 + 40 * number, 3, kRate, 0.3f); }

class ExampleCommandsTest : public ::testing::Test {
 protected:
  ExampleCommandsTest() {
    std::filesystem::create_directories(directory_.Path("released/\xe7\xac\x9b"));  // 笛
    WriteSound(directory_.Path("released/\xe7\xac\x9b/flute.flac"), Flute(3), kRate, SoundFormat::kFlac);
    WriteSound(directory_.Path("released/harp.wav"), Pluck(4, 3, kRate), kRate);
    WriteSound(directory_.Path("released/noise.wav"), Noise(1, 3 * kRate, 0.2f), kRate);
    WriteSound(directory_.Path("copy.wav"), Flute(3), kRate);
    consort::testing::WriteFileOrDie(directory_.Path("mixture.safetensors"), TrainedState());
  }

  static std::string TrainedState() {
    FamilyTerms terms;
    terms.traditions = {"flutes", "harps"};
    terms.model.components = 1;
    SoundRepertoire repertoire;
    for (int i = 0; i < 3; ++i) {
      repertoire.Add("flutes", Flute(i));
      repertoire.Add("harps", Pluck(i, 2, kRate));
    }
    const std::atomic<bool> stop = false;
    const auto model = DescriptorMixture().Load(terms, 1, {}, {}).value();
    EXPECT_TRUE(model->Fit({repertoire, FitTerms(), {}, stop}).ok());
    return model->SaveState({}).value();
  }

  Finished Run(const std::string& command, std::vector<std::string> more) {
    std::vector<std::string> arguments = {
        CONSORT_TRAINER_PROGRAM,    command, "--model", directory_.Path("mixture.safetensors"), "--examples",
        directory_.Path("released")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunToEnd({arguments, {}}, absl::Seconds(120));
  }

  consort::testing::TemporaryDirectory directory_;
};

TEST_F(ExampleCommandsTest, RetrieveFindsTheSecondsOfACopy) {
  const Finished done =
      Run("retrieve", {"--like", directory_.Path("copy.wav"), "--count", "3", "-o", "json"});
  ASSERT_EQ(done.exit_code, 0) << done.output;
  const auto found = nlohmann::json::parse(done.standard_output);
  EXPECT_EQ(found["examples"], 3);
  EXPECT_EQ(found["units"], 9);
  ASSERT_EQ(found["nearest"].size(), 3u);
  for (const auto& unit : found["nearest"]) {
    EXPECT_EQ(unit["example"], "\xe7\xac\x9b/flute.flac");
    EXPECT_NEAR(unit["distance"], 0, 0.05);  // FLAC has 16 bits, too
  }
}

TEST_F(ExampleCommandsTest, RetrieveLeavesOutTheRecordingItself) {
  const std::string flute = directory_.Path("released/\xe7\xac\x9b/flute.flac");
  const Finished done = Run("retrieve", {"--like", flute, "-o", "json"});
  ASSERT_EQ(done.exit_code, 0) << done.output;
  EXPECT_EQ(nlohmann::json::parse(done.standard_output)["examples"], 2);
}

TEST_F(ExampleCommandsTest, RetrieveFindsWhatIsTypicalOfATradition) {
  const Finished done = Run("retrieve", {"--tradition", "harps", "--count", "1"});
  ASSERT_EQ(done.exit_code, 0) << done.output;
  EXPECT_THAT(done.standard_output, HasSubstr("harp.wav"));
  EXPECT_THAT(done.standard_output, HasSubstr("distance"));
}

TEST_F(ExampleCommandsTest, ResynthesiseFollowsARecordingAndReplacesNothingUnasked) {
  const std::string output = directory_.Path("again.wav");
  const std::vector<std::string> arguments = {"--like", directory_.Path("copy.wav"), "--output", output};
  const Finished done = Run("resynthesise", arguments);
  ASSERT_EQ(done.exit_code, 0) << done.output;
  // The example's own seconds in their order, sample by sample.
  EXPECT_EQ(ReadFileOrDie(output).substr(kWavHeaderBytes, 100000),
            ReadFileOrDie(directory_.Path("copy.wav")).substr(kWavHeaderBytes, 100000));
  const Finished refused = Run("resynthesise", arguments);
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.output, HasSubstr("--force"));
  std::vector<std::string> forced = arguments;
  forced.push_back("--force");
  EXPECT_EQ(Run("resynthesise", forced).exit_code, 0);
}

TEST_F(ExampleCommandsTest, ResynthesiseWalksThroughATradition) {
  const std::string output = directory_.Path("walk.wav");
  const Finished done =
      Run("resynthesise", {"--tradition", "flutes", "--seconds", "5", "--seed", "7", "--output", output});
  ASSERT_EQ(done.exit_code, 0) << done.output;
  EXPECT_EQ(ReadFileOrDie(output).size(), kWavHeaderBytes + 5u * kRate * 2);
}

TEST_F(ExampleCommandsTest, SaysWhatIsWrongBeforeItWorks) {
  EXPECT_THAT(Run("retrieve", {"--tradition", "bells"}).output, HasSubstr("flutes, harps"));
  EXPECT_EQ(Run("retrieve", {}).exit_code, static_cast<int>(ExitCode::kUsage));
  EXPECT_EQ(Run("retrieve", {"--tradition", "harps", "--like", "x.wav"}).exit_code,
            static_cast<int>(ExitCode::kUsage));
  EXPECT_THAT(Run("retrieve", {"--like", directory_.Path("none.wav")}).output, HasSubstr("none.wav"));
  std::filesystem::remove_all(directory_.Path("released"));
  EXPECT_THAT(Run("retrieve", {"--tradition", "harps"}).output, HasSubstr("--examples"));
}

}  // namespace
}  // namespace consort::trainer
