#include "node/trainer/collection/collection_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::HasSubstr;

TEST(CollectionStateTest, WhatIsSavedIsLoaded) {
  const TemporaryDirectory directory;
  CollectionState state;
  state.recordings["audio"] = {"id", "昆曲", Split::kHoldout};
  KnownFile& file = state.files["file"];
  file.bytes = 5;
  file.modified_ns = 7;
  file.facts.audio_digest = "audio";
  file.facts.frames = 96000;
  file.facts.sample_rate_hz = 48000;
  file.facts.loudness_lufs = -20.5;
  state.files["bad"] = {1, 2, "unreadable", "problem-id", {}};
  ASSERT_THAT(state.Save(directory.Path("recordings.json")), IsOk());

  const CollectionState loaded = CollectionState::Load(directory.Path("recordings.json")).value();
  EXPECT_EQ(loaded.recordings.at("audio").id, "id");
  EXPECT_EQ(loaded.recordings.at("audio").tradition, "昆曲");
  EXPECT_EQ(loaded.recordings.at("audio").split, Split::kHoldout);
  EXPECT_EQ(loaded.files.at("file").modified_ns, 7);
  EXPECT_EQ(loaded.files.at("file").facts.seconds, 2);
  EXPECT_EQ(loaded.files.at("file").facts.loudness_lufs, -20.5);
  EXPECT_EQ(loaded.files.at("bad").problem, "unreadable");
  EXPECT_EQ(loaded.files.at("bad").problem_id, "problem-id");
}

TEST(CollectionStateTest, AbsentFileIsAnEmptyState) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(CollectionState::Load(directory.Path("recordings.json")).value().recordings.empty());
}

TEST(CollectionStateTest, DamagedFileIsNotTakenForAnEmptyOne) {
  const TemporaryDirectory directory;
  for (const char* damaged :
       {"", "{\"format\":", "{\"format\":\"consort.collection.v2\",\"recordings\":{},\"files\":{}}",
        "{\"format\":\"consort.collection.v1\",\"recordings\":{\"a\":{}},\"files\":{}}"}) {
    WriteFileOrDie(directory.Path("recordings.json"), damaged);
    EXPECT_THAT(CollectionState::Load(directory.Path("recordings.json")),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
  }
}

// A holdout recording that were taken for a training one would be trained on and then measured with.
TEST(CollectionStateTest, ASplitThatIsNeitherIsDamage) {
  const TemporaryDirectory directory;
  WriteFileOrDie(directory.Path("recordings.json"),
                 R"({"format":"consort.collection.v1","files":{},
                     "recordings":{"a":{"id":"1","tradition":"folk","split":"holdou"}}})");
  EXPECT_THAT(CollectionState::Load(directory.Path("recordings.json")),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
}

TEST(CollectionStateTest, ImpossibleFactsOfAFileAreDamage) {
  const TemporaryDirectory directory;
  const auto load = [&](const std::string& frames, const std::string& rate) {
    WriteFileOrDie(
        directory.Path("recordings.json"),
        R"({"format":"consort.collection.v1","recordings":{},"files":{"f":{"bytes":1,"modified_ns":1,
                       "audio":"a","loudness_lufs":-20,"frames":)" +
            frames + R"(,"sample_rate_hz":)" + rate + "}}}");
    return CollectionState::Load(directory.Path("recordings.json")).status();
  };
  EXPECT_THAT(load("1", "44100"), IsOk());
  EXPECT_THAT(load("1", "0"), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
  EXPECT_THAT(load("1", "4294967297"), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
  EXPECT_THAT(load("-1", "44100"), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
  EXPECT_THAT(load("1e300", "44100"), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
}

}  // namespace
}  // namespace consort::trainer
