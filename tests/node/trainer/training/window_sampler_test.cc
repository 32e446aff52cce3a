#include "node/trainer/training/window_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Each recording's samples all have one value: its number plus one.
absl::StatusOr<std::vector<float>> Plain(size_t recording, int64_t, int64_t samples) {
  return std::vector<float>(samples, static_cast<float>(recording + 1));
}

TEST(WindowSamplerTest, SameSeedDrawsTheSameWindows) {
  const auto read = [](size_t recording, int64_t begin,
                       int64_t samples) -> absl::StatusOr<std::vector<float>> {
    return std::vector<float>(samples, static_cast<float>(recording * 1000 + begin + 1));
  };
  WindowSampler first({WindowSource{1000}, WindowSource{5000}}, 100, 7, read),
      second({WindowSource{1000}, WindowSource{5000}}, 100, 7, read),
      other({WindowSource{1000}, WindowSource{5000}}, 100, 8, read);
  const Batch batch = first.Draw(4).value();
  EXPECT_EQ(second.Draw(4).value().audio, batch.audio);
  EXPECT_NE(other.Draw(4).value().audio, batch.audio);
}

TEST(WindowSamplerTest, LongRecordingsDoNotDominate) {
  WindowSampler sampler({WindowSource{1000000}, WindowSource{100}}, 100, 1, Plain);
  ASSERT_TRUE(sampler.Draw(2000).ok());
  EXPECT_NEAR(static_cast<double>(sampler.windows()[0]), 1000, 112);  // five standard deviations
}

TEST(WindowSamplerTest, WindowsStartInProportionToShares) {
  WindowSampler sampler({WindowSource{100, 3}, WindowSource{100, 1}}, 100, 1, Plain);
  ASSERT_TRUE(sampler.Draw(4000).ok());
  EXPECT_NEAR(static_cast<double>(sampler.windows()[0]), 3000, 137);  // five standard deviations
}

TEST(WindowSamplerTest, ShortRecordingsAreJoinedWithinTheirGroup) {
  WindowSampler sampler({WindowSource{40, 1, 0}, WindowSource{40, 1, 1}, WindowSource{40, 1, 0}}, 100, 1,
                        Plain);
  for (int i = 0; i < 20; ++i) {
    const Batch batch = sampler.Draw(1).value();
    const bool second_group = batch.audio[0] == 2;
    EXPECT_EQ(batch.valid[0], second_group ? 40 : 80);
    EXPECT_EQ(batch.audio[50], second_group ? 0 : 4 - batch.audio[0]);
  }
}

TEST(WindowSamplerTest, ShortRecordingsAreJoinedEachOnce) {
  WindowSampler sampler({WindowSource{40}, WindowSource{40}, WindowSource{40}}, 100, 1, Plain);
  const Batch batch = sampler.Draw(1).value();
  ASSERT_EQ(batch.audio.size(), 100u);
  EXPECT_THAT(batch.valid, ElementsAre(100));
  EXPECT_NE(batch.audio[0], batch.audio[40]);
  EXPECT_NE(batch.audio[40], batch.audio[80]);
  EXPECT_NE(batch.audio[0], batch.audio[80]);
  EXPECT_THAT(sampler.windows(), ElementsAre(1, 1, 1));
}

TEST(WindowSamplerTest, WhatIsMissingIsPaddingAndSaidToBe) {
  WindowSampler sampler({WindowSource{30}}, 100, 1, Plain);
  const Batch batch = sampler.Draw(2).value();
  EXPECT_THAT(batch.valid, ElementsAre(30, 30));
  EXPECT_EQ(batch.audio.size(), 200u);
  EXPECT_EQ(batch.audio[29], 1);
  EXPECT_EQ(batch.audio[30], 0);
  EXPECT_EQ(batch.audio[100], 1);
}

TEST(WindowSamplerTest, SilentWindowIsDrawnAgain) {
  int reads = 0;
  const auto read = [&](size_t, int64_t, int64_t samples) -> absl::StatusOr<std::vector<float>> {
    return std::vector<float>(samples, ++reads < 3 ? 0.0f : 0.5f);
  };
  WindowSampler sampler({WindowSource{1000}}, 100, 1, read);
  EXPECT_EQ(sampler.Draw(1).value().audio[0], 0.5f);
  EXPECT_EQ(reads, 3);
  EXPECT_THAT(sampler.windows(), ElementsAre(1));
}

TEST(WindowSamplerTest, SilentRecordingDoesNotHoldItUpForEver) {
  const auto read = [](size_t, int64_t, int64_t samples) -> absl::StatusOr<std::vector<float>> {
    return std::vector<float>(samples);
  };
  EXPECT_TRUE(WindowSampler({WindowSource{1000}}, 100, 1, read).Draw(1).ok());
}

TEST(WindowSamplerTest, RecordingThatShrankIsAnError) {
  const auto read = [](size_t, int64_t, int64_t) -> absl::StatusOr<std::vector<float>> {
    return std::vector<float>(1);
  };
  EXPECT_THAT(WindowSampler({WindowSource{1000}}, 100, 1, read).Draw(1),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("changed")));
}

TEST(WindowSamplerTest, RefusedReadEndsTheDraw) {
  const auto read = [](size_t, int64_t, int64_t) -> absl::StatusOr<std::vector<float>> {
    return absl::FailedPreconditionError("no-consent: withdrawn");
  };
  EXPECT_THAT(WindowSampler({WindowSource{1000}}, 100, 1, read).Draw(1),
              StatusIs(absl::StatusCode::kFailedPrecondition, "no-consent: withdrawn"));
}

// Every sample says which recording it is of and where it lies there.
absl::StatusOr<std::vector<float>> Telling(size_t recording, int64_t begin, int64_t samples) {
  std::vector<float> audio;
  for (int64_t i = begin; i < begin + samples; ++i)
    audio.push_back(static_cast<float>(100000 * (recording + 1) + i));
  return audio;
}

// A sampler's first Draw reads nothing ahead, so one that is restored for each batch never does.
TEST(WindowSamplerTest, BatchesReadAheadAreThoseThatWouldHaveBeenDrawn) {
  const std::vector<WindowSource> sources = {WindowSource{1000}, WindowSource{5000}, WindowSource{60}};
  WindowSampler sampler(sources, 100, 7, Telling);
  WindowSampler::State state = sampler.state();
  for (const int rows : {3, 3, 3, 2, 2, 2, 5, 3}) {  // also when another number of rows is wanted
    WindowSampler single(sources, 100, /*seed=*/0, Telling);
    single.Restore(state);
    const Batch expected = single.Draw(rows).value();
    const Batch batch = sampler.Draw(rows).value();
    EXPECT_EQ(batch.audio, expected.audio);
    EXPECT_EQ(batch.valid, expected.valid);
    state = sampler.state();
    EXPECT_EQ(state.random, single.state().random);
    EXPECT_EQ(state.windows, single.state().windows);
  }
}

TEST(WindowSamplerTest, ReadsTheNextBatchWhileTheCallerIsBusy) {
  std::atomic<int> reads = 0;
  std::promise<void> third;
  WindowSampler sampler({WindowSource{1000}}, 100, 1, [&](size_t recording, int64_t begin, int64_t samples) {
    if (++reads == 3) third.set_value();
    return Telling(recording, begin, samples);
  });
  ASSERT_TRUE(sampler.Draw(1).ok());
  EXPECT_EQ(reads, 1);  // nothing more may ever be wanted
  ASSERT_TRUE(sampler.Draw(1).ok());
  EXPECT_EQ(third.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  EXPECT_THAT(sampler.windows(), ElementsAre(2)) << "what was not drawn was not heard";
}

TEST(WindowSamplerTest, ErrorOfABatchReadAheadComesWithTheDrawThatWantsIt) {
  std::atomic<int> reads = 0;
  WindowSampler sampler(
      {WindowSource{1000}}, 100, 1,
      [&](size_t recording, int64_t begin, int64_t samples) -> absl::StatusOr<std::vector<float>> {
        if (++reads == 3) return absl::FailedPreconditionError("no-consent: withdrawn");
        return Telling(recording, begin, samples);
      });
  ASSERT_TRUE(sampler.Draw(1).ok());
  ASSERT_TRUE(sampler.Draw(1).ok());
  const WindowSampler::State before = sampler.state();
  EXPECT_THAT(sampler.Draw(1), StatusIs(absl::StatusCode::kFailedPrecondition, "no-consent: withdrawn"));
  EXPECT_EQ(sampler.state().random, before.random);
  EXPECT_EQ(sampler.windows(), before.windows);
}

TEST(WindowSamplerTest, RestoredSamplerForgetsWhatItReadAhead) {
  WindowSampler sampler({WindowSource{1000}, WindowSource{5000}}, 100, 7, Telling);
  const WindowSampler::State start = sampler.state();
  const Batch first = sampler.Draw(2).value();
  ASSERT_TRUE(sampler.Draw(2).ok());
  sampler.Restore(start);
  EXPECT_EQ(sampler.Draw(2).value().audio, first.audio);
}

}  // namespace
}  // namespace consort::trainer
