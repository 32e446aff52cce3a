#include "node/trainer/families/concatenation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Pluck;
using ::consort::trainer::testing::Sine;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kRate = 44100;
constexpr int64_t kUnit = 4096, kHop = 2048;

double PowerOf(absl::Span<const float> audio) {
  double sum = 0;
  for (const float sample : audio) sum += static_cast<double>(sample) * sample;
  return sum / static_cast<double>(audio.size());
}

UnitLibrary LibraryOf(const std::vector<std::vector<float>>& recordings) {
  UnitLibrary library{UnitSettings()};
  for (const auto& recording : recordings) EXPECT_THAT(library.Add(recording), IsOk());
  return library;
}

TEST(UnitLibraryTest, EachUnitOfARecordingFindsItself) {
  const std::vector<float> pluck = Pluck(1, 1, kRate);
  const UnitLibrary library = LibraryOf({Noise(1, kRate, 0.1f), pluck});
  const UnitFeatures wanted = MeasureUnits(pluck, library.settings(), 2).value();
  const auto matches = library.Nearest(wanted, std::nullopt).value();
  for (size_t u = 0; (u + 2) * kHop <= pluck.size(); ++u) {
    EXPECT_EQ(matches[u].recording, 1u) << u;
    EXPECT_EQ(matches[u].begin, static_cast<int64_t>(u) * kHop) << u;
    EXPECT_EQ(matches[u].distance, 0) << u;
  }
}

TEST(UnitLibraryTest, AnExcludedRecordingIsNeverFound) {
  const std::vector<float> pluck = Pluck(1, 1, kRate);
  const UnitLibrary library = LibraryOf({Noise(1, kRate, 0.1f), pluck});
  const UnitFeatures wanted = MeasureUnits(pluck, library.settings(), 2).value();
  const auto matches = library.Nearest(wanted, 1).value();
  for (const auto& match : matches) EXPECT_EQ(match.recording, 0u);
}

// A plain search over all pairs, written without the library's loops.
TEST(UnitLibraryTest, TheNearestIsTheOneThatASlowSearchFinds) {
  const std::vector<std::vector<float>> recordings = {Pluck(1, 0.7, kRate), Pluck(2, 0.7, kRate),
                                                      Noise(3, kRate / 2, 0.2f)};
  const UnitLibrary library = LibraryOf(recordings);
  const UnitFeatures wanted = MeasureUnits(Pluck(4, 0.5, kRate), library.settings(), 2).value();
  const auto matches = library.Nearest(wanted, std::nullopt).value();
  for (int64_t want = 0; want < wanted.units(); ++want) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const auto& recording : recordings) {
      const UnitFeatures features = MeasureUnits(recording, library.settings(), 1).value();
      for (int64_t unit = 0; unit * 1024 + kUnit <= static_cast<int64_t>(recording.size()); ++unit) {
        double sum = 0;
        for (int i = 0; i < wanted.dimensions; ++i) {
          sum += std::pow(wanted.Unit(want)[i] - features.Unit(unit)[i], 2);
        }
        nearest = std::min(nearest, std::sqrt(sum / wanted.dimensions));
      }
    }
    EXPECT_NEAR(matches[want].distance, nearest, 1e-5) << want;
  }
}

TEST(UnitLibraryTest, GainChangesTheLevelOnly) {
  const std::vector<float> loud = Noise(1, kRate / 2, 0.4f);
  std::vector<float> soft = loud;
  for (float& sample : soft) sample /= 4;
  const UnitFeatures a = MeasureUnits(loud, UnitSettings(), 2).value();
  const UnitFeatures b = MeasureUnits(soft, UnitSettings(), 2).value();
  for (int i = 0; i + 1 < a.dimensions; ++i) EXPECT_NEAR(a.Unit(1)[i], b.Unit(1)[i], 0.01) << i;
  // Power falls to a sixteenth.
  EXPECT_NEAR(a.Level(1) - b.Level(1), std::log(16), 0.01);
}

TEST(YardstickTest, IsAsLongAsTheTargetWhateverItsLength) {
  const UnitLibrary library = LibraryOf({Pluck(1, 1, kRate)});
  for (const size_t samples : {1u, 2048u, 4097u, 30000u}) {
    EXPECT_THAT(YardstickReconstruction(library, Noise(5, samples, 0.1f), std::nullopt).value(),
                SizeIs(samples));
  }
}

TEST(YardstickTest, ACopyInTheLibraryIsSaidAgainAlmostExactly) {
  const std::vector<float> pluck = Pluck(1, 1, kRate);
  const UnitLibrary library = LibraryOf({Noise(1, kRate, 0.1f), pluck});
  const auto output = YardstickReconstruction(library, pluck, std::nullopt).value();
  for (size_t i = 0; i < pluck.size() - kUnit; ++i) ASSERT_NEAR(output[i], pluck[i], 1e-5) << i;
}

TEST(YardstickTest, ItsOwnRecordingIsNeverASource) {
  const std::vector<float> pluck = Pluck(1, 1, kRate);
  const auto without =
      YardstickReconstruction(LibraryOf({Noise(1, kRate, 0.1f)}), pluck, std::nullopt).value();
  EXPECT_EQ(YardstickReconstruction(LibraryOf({Noise(1, kRate, 0.1f), pluck}), pluck, 1).value(), without);
}

TEST(YardstickTest, UnitsAreBroughtToTheTargetsLevel) {
  const UnitLibrary library = LibraryOf({Noise(1, kRate, 0.8f)});
  const auto output = YardstickReconstruction(library, Noise(2, kRate, 0.05f), std::nullopt).value();
  // Uniform noise has a power of a third of its gain's square. Units of one kind of noise that are
  // cross-faded lose a quarter of their power on average: sin^4 + cos^4 is 3/4.
  const double expected = 0.75 * 0.05 * 0.05 / 3;
  EXPECT_NEAR(PowerOf(absl::MakeConstSpan(output).first(40000)), expected, 0.1 * expected);
}

TEST(YardstickTest, SilenceStaysSilent) {
  const auto output =
      YardstickReconstruction(LibraryOf({Pluck(1, 1, kRate)}), std::vector<float>(kRate), std::nullopt)
          .value();
  EXPECT_THAT(output, Each(0.0f));
}

TEST(YardstickTest, IsTheSameEachTime) {
  const UnitLibrary library = LibraryOf({Pluck(1, 1, kRate), Pluck(2, 1, kRate)});
  EXPECT_EQ(YardstickReconstruction(library, Pluck(3, 1, kRate), std::nullopt).value(),
            YardstickReconstruction(library, Pluck(3, 1, kRate), std::nullopt).value());
}

TEST(YardstickTest, ALibraryWithoutAnotherUnitIsRefused) {
  EXPECT_THAT(YardstickReconstruction(LibraryOf({Sine(440, 1, kRate)}), Sine(440, 1, kRate), 0),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no-usable-recording")));
  EXPECT_THAT(YardstickReconstruction(LibraryOf({Sine(440, 0.05, kRate)}), Sine(440, 1, kRate), std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no-usable-recording")));
}

TEST(YardstickTest, AudioThatIsNoneOrNoNumberIsRefused) {
  UnitLibrary library = LibraryOf({Pluck(1, 1, kRate)});
  const std::vector<float> infinite(100, std::numeric_limits<float>::infinity());
  for (const auto& audio : {std::vector<float>(), infinite}) {
    EXPECT_EQ(YardstickReconstruction(library, audio, std::nullopt).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(library.Add(audio).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(library.recordings(), 1u);
}

}  // namespace
}  // namespace consort::trainer
