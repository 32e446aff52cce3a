#include "node/trainer/models/discriminators.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "node/trainer/models/compute_threads.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::testing::StartsWith;

at::Tensor Audio(uint32_t seed) {
  const std::vector<float> noise = Noise(seed, 2 * 3000, 0.5f);
  at::Tensor audio = at::empty({2, 1, 3000});
  std::copy(noise.begin(), noise.end(), audio.data_ptr<float>());
  return audio;
}

std::unique_ptr<Discriminators> Fresh() {
  SetComputeThreads(1);
  return Discriminators::Create(/*capacity=*/2, /*seed=*/3).value();
}

int64_t Parameters(int64_t capacity) {
  int64_t count = 0;
  for (const NamedTensor& tensor : Discriminators::Layout(capacity)) count += tensor.size();
  return count;
}

// Counted on RAVE 2.3.1 as configured by v2.gin and v2_small.gin; the third rounded.
TEST(DiscriminatorsTest, HaveThePublishedNumberOfParameters) {
  EXPECT_EQ(Parameters(96), 27130952);
  EXPECT_EQ(Parameters(48), 6791720);
  EXPECT_NEAR(static_cast<double>(Parameters(16)), 0.77e6, 0.02e6);
}

// At the start a weight equals its direction: the gain is the direction's length.
TEST(DiscriminatorsTest, StartWithGainsOfTheDirectionsLength) {
  const auto discriminators = Fresh();
  std::map<std::string, absl::Span<const float>> tensors;
  absl::Span<const float> left = discriminators->values();
  for (const NamedTensor& tensor : discriminators->trainable()) {
    tensors[tensor.name] = left.first(tensor.size());
    left.remove_prefix(tensor.size());
  }
  double squares = 0;
  for (float value : tensors["scale1.conv0.direction"].first(15)) squares += value * value;
  EXPECT_NEAR(tensors["scale1.conv0.gain"][0], std::sqrt(squares), 1e-6);
}

TEST(DiscriminatorsTest, LearnToTellTwoSoundsApart) {
  const auto discriminators = Fresh();
  const at::Tensor recorded = at::full({1, 1, 3000}, 0.5), generated = -recorded;
  const double before = discriminators->Train(recorded, generated).value();
  EXPECT_NEAR(before, 16, 2);  // 8 nets that say little of either: about 1 + 1 each
  for (int step = 0; step < 100; ++step) ASSERT_THAT(discriminators->Train(recorded, generated), IsOk());
  EXPECT_LT(discriminators->Train(recorded, generated).value(), before - 0.2);
}

TEST(DiscriminatorsTest, GoOnAfterSavingAsIfNothingHadHappened) {
  const auto unbroken = Fresh();
  ASSERT_THAT(unbroken->Train(Audio(1), Audio(2)), IsOk());
  const auto loaded = Discriminators::Load(2, unbroken->Save().value()).value();
  const double expected = unbroken->Train(Audio(3), Audio(4)).value();
  EXPECT_EQ(loaded->Train(Audio(3), Audio(4)).value(), expected);
  EXPECT_EQ(loaded->values(), unbroken->values());
  EXPECT_EQ(loaded->Save().value(), unbroken->Save().value());
}

TEST(DiscriminatorsTest, RefuseWhatIsDamagedOrOfAnotherSize) {
  const std::string saved = Fresh()->Save().value();
  const auto damaged = StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged"));
  EXPECT_THAT(Discriminators::Load(2, saved.substr(0, saved.size() / 2)), damaged);
  EXPECT_THAT(Discriminators::Load(4, saved), damaged);
  EXPECT_THAT(Discriminators::Load(2, "nothing"), damaged);
}

TEST(DiscriminatorsTest, SoundThatIsNoNumberChangesNothing) {
  const auto discriminators = Fresh();
  const std::string before = discriminators->Save().value();
  at::Tensor broken = Audio(1);
  broken[0][0][5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(discriminators->Train(broken, Audio(2)),
              StatusIs(absl::StatusCode::kOutOfRange, StartsWith("not-finite")));
  EXPECT_EQ(discriminators->Save().value(), before);
}

}  // namespace
}  // namespace consort::trainer
