#include "node/trainer/descriptors/descriptor_extractor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Pluck;
using ::consort::trainer::testing::Sawtooth;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsNan;
using ::testing::SizeIs;

DescriptorTrack TrackOf(const std::vector<float>& sound, int rate) {
  DescriptorExtractor extractor = DescriptorExtractor::Create(rate).value();
  EXPECT_THAT(extractor.Add(sound), IsOk());
  EXPECT_THAT(extractor.Finish(), IsOk());
  return extractor.Take();
}

// Equal where both are numbers, and none where the other has none.
void ExpectSame(const std::vector<float>& a, const std::vector<float>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) {
      EXPECT_EQ(std::isnan(a[i]), std::isnan(b[i])) << i;
    } else {
      EXPECT_NEAR(a[i], b[i], tolerance) << i;
    }
  }
}

TEST(DescriptorExtractorTest, HowTheSamplesAreDividedMakesNoDifference) {
  const std::vector<float> sound = Pluck(3, 1.5, 44100);
  const DescriptorTrack whole = TrackOf(sound, 44100);
  DescriptorExtractor extractor = DescriptorExtractor::Create(44100).value();
  DescriptorTrack pieces;
  const auto append = [](std::vector<float>& to, const std::vector<float>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  const auto take = [&] {
    const DescriptorTrack next = extractor.Take();
    EXPECT_EQ(next.first_frame, pieces.frames());
    append(pieces.loudness_lufs, next.loudness_lufs);
    append(pieces.centroid_hz, next.centroid_hz);
    append(pieces.pitch_hz, next.pitch_hz);
  };
  for (size_t begin = 0, length = 1; begin < sound.size(); begin += length, length = length * 3 % 5003 + 1) {
    ASSERT_THAT(extractor.Add(absl::MakeConstSpan(sound).subspan(begin, length)), IsOk());
    take();
  }
  ASSERT_THAT(extractor.Finish(), IsOk());
  take();
  ExpectSame(pieces.loudness_lufs, whole.loudness_lufs, 0);
  ExpectSame(pieces.centroid_hz, whole.centroid_hz, 0);
  ExpectSame(pieces.pitch_hz, whole.pitch_hz, 0);
}

TEST(DescriptorExtractorTest, ATimeShiftShiftsTheFrames) {
  constexpr int kShift = 37;
  const std::vector<float> sound = Pluck(5, 1, 44100);
  std::vector<float> later(kShift * 441);
  later.insert(later.end(), sound.begin(), sound.end());
  const DescriptorTrack early = TrackOf(sound, 44100);
  DescriptorTrack shifted = TrackOf(later, 44100);
  ASSERT_EQ(shifted.frames(), early.frames() + kShift);
  for (auto* values : {&shifted.loudness_lufs, &shifted.centroid_hz, &shifted.pitch_hz}) {
    values->erase(values->begin(), values->begin() + kShift);
  }
  ExpectSame(shifted.loudness_lufs, early.loudness_lufs, 1e-4);
  ExpectSame(shifted.centroid_hz, early.centroid_hz, 0);
  ExpectSame(shifted.pitch_hz, early.pitch_hz, 0);
}

TEST(DescriptorExtractorTest, GainMovesLoudnessAndNothingElse) {
  std::vector<float> sound = Sawtooth(330, 22050, 44100);
  const DescriptorTrack loud = TrackOf(sound, 44100);
  for (float& sample : sound) sample *= 0.125f;  // a power of two: only exponents change
  DescriptorTrack soft = TrackOf(sound, 44100);
  ExpectSame(soft.centroid_hz, loud.centroid_hz, 0.01);
  ExpectSame(soft.flatness_db, loud.flatness_db, 0.01);
  ExpectSame(soft.pitch_hz, loud.pitch_hz, 0.01);
  for (float& value : soft.loudness_lufs) value += static_cast<float>(20 * std::log10(8.0));
  ExpectSame(soft.loudness_lufs, loud.loudness_lufs, 1e-3);
}

TEST(DescriptorExtractorTest, EveryRateHearsTheSame) {
  for (const int rate : {8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000}) {
    const DescriptorTrack track = TrackOf(Sawtooth(330, rate, rate, /*partials=*/6), rate);
    ASSERT_EQ(track.frames(), (rate + std::lround(rate / 100.0) - 1) / std::lround(rate / 100.0)) << rate;
    const int64_t middle = track.frames() / 2;
    EXPECT_NEAR(1200 * std::log2(track.pitch_hz[middle] / 330), 0, 3) << rate;
    // Amplitudes 1 / k weigh k * 330 Hz: 6 * 330 over the sum of 1 / k, 2.45. The window spreads what is low.
    EXPECT_NEAR(track.centroid_hz[middle], 6 * 330 / 2.45, 40) << rate;
    // The sum of 0.09 / (2 k^2) is 0.0671, -11.73 dB; K-weighting lifts the partials above 1 kHz a little.
    EXPECT_NEAR(track.loudness_lufs[middle], -0.691 - 11.73, 0.5) << rate;
  }
}

TEST(DescriptorExtractorTest, OneSampleIsOneFrame) {
  const DescriptorTrack track = TrackOf({0.5f}, 44100);
  EXPECT_EQ(track.frames(), 1);
  EXPECT_THAT(track.chroma, SizeIs(1));
  EXPECT_THAT(track.onset_strength, SizeIs(1));
}

TEST(DescriptorExtractorTest, SilenceHasNoShapeAndNoPitch) {
  DescriptorExtractor extractor = DescriptorExtractor::Create(44100).value();
  ASSERT_THAT(extractor.Add(std::vector<float>(44100)), IsOk());
  const RecordingTotals totals = extractor.Finish().value();
  const DescriptorTrack track = extractor.Take();
  EXPECT_EQ(track.frames(), 100);
  EXPECT_THAT(track.loudness_lufs, Each(static_cast<float>(kSilenceLufs)));
  EXPECT_THAT(track.centroid_hz, Each(IsNan()));
  EXPECT_THAT(track.flatness_db, Each(IsNan()));
  EXPECT_THAT(track.pitch_hz, Each(IsNan()));
  EXPECT_THAT(track.aperiodicity, Each(1.0f));
  EXPECT_EQ(totals.integrated_lufs, kSilenceLufs);
}

TEST(DescriptorExtractorTest, ARefusedBlockLeavesTheStreamUnchanged) {
  const std::vector<float> sound = Pluck(1, 0.5, 44100);
  DescriptorExtractor extractor = DescriptorExtractor::Create(44100).value();
  ASSERT_THAT(extractor.Add(sound), IsOk());
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> broken = sound;
    broken[7] = bad;
    EXPECT_THAT(extractor.Add(broken), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not-finite")));
  }
  EXPECT_EQ(extractor.Finish()->samples, static_cast<int64_t>(sound.size()));
  ExpectSame(extractor.Take().pitch_hz, TrackOf(sound, 44100).pitch_hz, 0);
}

TEST(DescriptorExtractorTest, NothingIsRefusedAtTheEnd) {
  EXPECT_THAT(DescriptorExtractor::Create(44100)->Finish(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
}

TEST(DescriptorExtractorTest, NothingFollowsTheEnd) {
  DescriptorExtractor extractor = DescriptorExtractor::Create(44100).value();
  ASSERT_THAT(extractor.Add({0.1f}), IsOk());
  ASSERT_THAT(extractor.Finish(), IsOk());
  EXPECT_THAT(extractor.Add({0.1f}), StatusIs(absl::StatusCode::kFailedPrecondition, ::testing::_));
  EXPECT_THAT(extractor.Finish(), StatusIs(absl::StatusCode::kFailedPrecondition, ::testing::_));
}

TEST(DescriptorExtractorTest, RatesOutsideTheRangeAreRefused) {
  for (const int rate : {0, 7999, 192001}) {
    EXPECT_THAT(DescriptorExtractor::Create(rate),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("unsupported-rate")));
  }
}

}  // namespace
}  // namespace consort::trainer
