#include "node/trainer/families/unit_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Pluck;
using ::consort::trainer::testing::Sine;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kRate = 44100;

ExampleLibrary LibraryOf(const std::vector<std::vector<float>>& examples) {
  ExampleLibrary library(kRate);
  for (const auto& example : examples) EXPECT_THAT(library.Add(example), IsOk());
  return library;
}

// A mixture of one component at a unit's descriptors.
std::vector<MixtureComponent> MixtureAt(const SegmentPoint& point) {
  MixtureComponent component;
  component.weight = 1;
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    component.mean[d] = std::isnan(point[d]) ? 0 : point[d];
    component.variance[d] = std::isnan(point[d]) ? kUnknownVariance : kLeastVariance;
  }
  return {component};
}

std::vector<std::optional<Wanted>> LikeUnits(const ExampleLibrary& library) {
  std::vector<std::optional<Wanted>> wanted;
  for (const Wanted& one : WantedLike(library.points(), {MixtureAt(library.points().front())})) {
    wanted.emplace_back(one);
  }
  return wanted;
}

// A tune of notes that all differ.
std::vector<float> Scale(double seconds) {
  std::vector<float> tune;
  for (int second = 0; second < seconds; ++second) {
    const std::vector<float> note = Sine(300 * std::pow(1.19, second), 1, kRate, 0.1f + 0.05f * second);
    tune.insert(tune.end(), note.begin(), note.end());
  }
  return tune;
}

TEST(ExampleLibraryTest, KnowsWhereSecondsSoundAndWhichAreWhole) {
  std::vector<float> gap(kRate, 0.0f);
  std::vector<float> sound = Sine(440, 1, kRate);
  sound.insert(sound.end(), gap.begin(), gap.end());
  const std::vector<float> end = Sine(440, 1.5, kRate);
  sound.insert(sound.end(), end.begin(), end.end());
  const ExampleLibrary library = LibraryOf({sound});
  ASSERT_THAT(library.units(), SizeIs(3));
  EXPECT_EQ(library.units()[1].second, 2);
  EXPECT_TRUE(library.units()[1].whole);
  EXPECT_EQ(library.units()[2].second, 3);
  EXPECT_FALSE(library.units()[2].whole);
}

TEST(ExampleLibraryTest, TakesAnHourAtMost) {
  ExampleLibrary library(kRate);
  EXPECT_THAT(library.Add({}), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(library.Add(std::vector<float>(ExampleLibrary::kMostSeconds * kRate + 1)),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("too-long")));
  EXPECT_EQ(library.examples(), 0u);
}

// Whoever wants a recording's own descriptors gets its seconds in their order, and those join to the bit.
TEST(UnitPathTest, RecordingAmongTheExamplesComesBackAsItWas) {
  const std::vector<float> tune = Scale(6);
  const ExampleLibrary library = LibraryOf({Noise(1, 5 * kRate, 0.2f), tune, Pluck(3, 5, kRate)});
  const ExampleLibrary alone = LibraryOf({tune});
  const UnitPath path = ChoosePath(library, LikeUnits(alone)).value();
  const std::vector<float> joined = JoinUnits(library, path);
  ASSERT_EQ(joined.size(), tune.size());
  for (size_t i = 0; i < tune.size(); ++i) ASSERT_NEAR(joined[i], tune[i], 1e-6) << i;
}

TEST(UnitPathTest, NothingWantedIsSilence) {
  const ExampleLibrary library = LibraryOf({Scale(2)});
  std::vector<std::optional<Wanted>> wanted = LikeUnits(library);
  wanted.insert(wanted.begin() + 1, std::nullopt);
  const UnitPath path = ChoosePath(library, wanted).value();
  EXPECT_THAT(path, ElementsAre(0, std::nullopt, 1));
  const std::vector<float> joined = JoinUnits(library, path);
  for (int64_t i = kRate + kFadeSamples; i < 2 * kRate - kFadeSamples; ++i) ASSERT_EQ(joined[i], 0);
}

TEST(UnitPathTest, SecondIsNotTakenAgainAtOnceWhereAnotherIsAlmostAsNear) {
  const std::vector<float> note = Sine(440, 1, kRate);
  const ExampleLibrary library = LibraryOf({note, note, note});
  const auto wanted = LikeUnits(LibraryOf({note})).front();
  const UnitPath path = ChoosePath(library, {wanted, wanted, wanted}).value();
  EXPECT_THAT(path, ElementsAre(0, 1, 2));
}

TEST(UnitPathTest, WalkThroughAMixtureTakesWhatIsTypicalOfIt) {
  const ExampleLibrary library =
      LibraryOf({Noise(1, 6 * kRate, 0.2f), Sine(440, 6, kRate), Pluck(3, 6, kRate)});
  const auto tones = MixtureAt(library.points()[8]);  // a second of the sine
  for (const uint64_t seed : {1, 2, 3}) {
    const UnitPath path = ChoosePath(library, DrawWalk(tones, 12, seed)).value();
    ASSERT_THAT(path, SizeIs(12));
    for (const auto& unit : path) EXPECT_EQ(library.units()[*unit].example, 1u);
  }
}

TEST(UnitPathTest, SameSeedWalksTheSameWay) {
  const auto mixture = MixtureAt(LibraryOf({Sine(440, 1, kRate)}).points().front());
  const auto walk = DrawWalk(mixture, 20, 5), again = DrawWalk(mixture, 20, 5),
             other = DrawWalk(mixture, 20, 6);
  const auto loudness = [](const auto& seconds) {
    std::vector<float> values;
    for (const auto& second : seconds) values.push_back(second->point[0]);
    return values;
  };
  EXPECT_EQ(loudness(walk), loudness(again));
  EXPECT_NE(loudness(walk), loudness(other));
}

TEST(UnitPathTest, LibraryWithoutAWholeSecondIsRefused) {
  EXPECT_THAT(ChoosePath(LibraryOf({Sine(440, 0.9, kRate)}), {}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no-usable-recording")));
}

}  // namespace
}  // namespace consort::trainer
