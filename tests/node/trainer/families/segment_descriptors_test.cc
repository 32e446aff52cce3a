#include "node/trainer/families/segment_descriptors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <string>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Sine;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kRate = 44100;

// By name and in units.
std::map<std::string, double> InUnits(const SegmentPoint& point) {
  std::map<std::string, double> values;
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    values[SegmentDescriptors()[d].name] = SegmentDescriptors()[d].ToUnit(point[d]);
  }
  return values;
}

std::map<std::string, double> MiddleSecondOf(const std::vector<float>& audio) {
  return InUnits(DescribeSegments(audio, kRate).value().at(1));
}

TEST(SegmentDescriptorsTest, NamesAreDifferentAndRangesAreNotEmpty) {
  std::map<std::string, int> names;
  for (const SegmentDescriptor& descriptor : SegmentDescriptors()) {
    ++names[descriptor.name];
    EXPECT_LT(descriptor.low, descriptor.high) << descriptor.name;
  }
  EXPECT_THAT(names, SizeIs(kSegmentDescriptors));
}

TEST(SegmentDescriptorsTest, ASineIsOneSteadyNoteOfItsPitch) {
  auto second = MiddleSecondOf(Sine(440, 3, kRate));
  EXPECT_NEAR(second["pitch"], 69, 0.05);
  EXPECT_NEAR(second["pitch_spread"], 0, 0.05);
  EXPECT_EQ(second["voiced_share"], 1);
  EXPECT_NEAR(second["centroid"], std::log2(440), 0.1);
  EXPECT_NEAR(second["loudness_spread"], 0, 0.1);
  EXPECT_NEAR(second["pitch_classes"], 1, 0.1);
  EXPECT_NEAR(second["interval_fourth"], 0, 0.05);
  EXPECT_NEAR(second["onset_density"], 0, 0.01);
  // 0.5^2 / 2 is -9.03 dB, less 0.69 of BS.1770, and K-weighting is near 0.7 dB at 440 Hz.
  EXPECT_NEAR(second["loudness"], -9.7, 1);
  EXPECT_EQ(second["vibrato"], 0);
  EXPECT_TRUE(std::isnan(second["vibrato_rate"]));
}

TEST(SegmentDescriptorsTest, NoiseHasNoPitchAndIsFlat) {
  auto second = MiddleSecondOf(Noise(1, 3 * kRate, 0.1f));
  EXPECT_TRUE(std::isnan(second["pitch"]));
  EXPECT_EQ(second["voiced_share"], 0);
  // One frame of white noise has about -2.5 dB.
  EXPECT_NEAR(second["flatness"], -2.5, 0.5);
  EXPECT_GT(second["aperiodicity"], 0.5);
}

TEST(SegmentDescriptorsTest, TwoNotesAFourthApartMakeThatInterval) {
  std::vector<float> audio = Sine(440, 3, kRate, 0.2f);
  const std::vector<float> fourth = Sine(440 * std::pow(2, 5.0 / 12), 3, kRate, 0.2f);
  for (size_t i = 0; i < audio.size(); ++i) audio[i] += fourth[i];
  auto second = MiddleSecondOf(audio);
  // Two equal classes: exp(ln 2) = 2; product 1/4 over squares 2/4.
  EXPECT_NEAR(second["pitch_classes"], 2, 0.2);
  EXPECT_NEAR(second["interval_fourth"], 0.5, 0.05);
  EXPECT_NEAR(second["interval_tone"], 0, 0.05);
}

TEST(SegmentDescriptorsTest, VibratoHasItsRateAndExtent) {
  std::vector<float> audio(3 * kRate);
  double phase = 0;
  for (size_t i = 0; i < audio.size(); ++i) {
    const double seconds = static_cast<double>(i) / kRate;
    const double cents = 40 * std::sin(2 * std::numbers::pi * 5.5 * seconds);
    phase += 2 * std::numbers::pi * 500 * std::exp2(cents / 1200) / kRate;
    audio[i] = static_cast<float>(0.3 * std::sin(phase));
  }
  auto second = MiddleSecondOf(audio);
  EXPECT_EQ(second["vibrato"], 1);
  EXPECT_NEAR(second["vibrato_rate"], 5.5, 0.3);
  EXPECT_NEAR(second["vibrato_extent"], 40, 6);
}

TEST(SegmentDescriptorsTest, AFadeHasItsSlope) {
  std::vector<float> audio = Sine(440, 3, kRate);
  for (size_t i = 0; i < audio.size(); ++i) {
    audio[i] *= static_cast<float>(std::pow(10, -12.0 * static_cast<double>(i) / kRate / 20));
  }
  EXPECT_NEAR(MiddleSecondOf(audio)["loudness_slope"], -12, 0.5);
}

TEST(SegmentDescriptorsTest, SilenceGivesNoSegment) {
  EXPECT_THAT(DescribeSegments(std::vector<float>(2 * kRate), kRate).value(), IsEmpty());
}

TEST(SegmentDescriptorsTest, SecondsAreCutOneAfterTheOtherAndAShortRestIsLeftOut) {
  EXPECT_THAT(DescribeSegments(Sine(440, 2.5, kRate), kRate).value(), SizeIs(3));
  EXPECT_THAT(DescribeSegments(Sine(440, 2.2, kRate), kRate).value(), SizeIs(2));
}

TEST(SegmentDescriptorsTest, NoAudioAndAudioThatIsNoNumberAreRefused) {
  EXPECT_EQ(DescribeSegments(std::vector<float>(), kRate).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DescribeSegments(std::vector<float>(10, NAN), kRate).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace consort::trainer
