#include "node/trainer/training/training_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::ElementsAre;

TrainingCheckpoint Example() {
  TrainingCheckpoint checkpoint;
  checkpoint.steps_done = 7;
  checkpoint.first_loss = 0.1;
  checkpoint.last_loss = 1.0 / 3;
  checkpoint.values = {1, -0.0f, std::numeric_limits<float>::denorm_min()};
  checkpoint.optimiser = {{1, 2, 3}, {4, 5, 6}, 7};
  checkpoint.random = std::numeric_limits<uint64_t>::max();
  checkpoint.sampler = {12345678901234567890u, {3, 4}};
  checkpoint.local = std::string("\0local", 6);
  return checkpoint;
}

class TrainingCheckpointTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  const std::string path_ = directory_.Path("training.safetensors");
  const CheckpointFile file_{path_, "key"};
};

TEST_F(TrainingCheckpointTest, ComesBackToTheLastBit) {
  ASSERT_THAT(file_.Write(Example()), IsOk());
  const TrainingCheckpoint read = file_.Read(3, 2).value();
  const TrainingCheckpoint expected = Example();
  EXPECT_EQ(read.steps_done, 7);
  EXPECT_EQ(read.first_loss, expected.first_loss);
  EXPECT_EQ(read.last_loss, expected.last_loss);
  EXPECT_EQ(read.values, expected.values);
  EXPECT_TRUE(std::signbit(read.values[1]));
  EXPECT_THAT(read.optimiser.first_moment, ElementsAre(1, 2, 3));
  EXPECT_THAT(read.optimiser.second_moment, ElementsAre(4, 5, 6));
  EXPECT_EQ(read.optimiser.steps, 7);
  EXPECT_EQ(read.random, expected.random);
  EXPECT_EQ(read.sampler.random, expected.sampler.random);
  EXPECT_THAT(read.sampler.windows, ElementsAre(3, 4));
  EXPECT_EQ(read.local, expected.local);
  EXPECT_THAT(read.gradient_sum, ::testing::IsEmpty());
}

TEST_F(TrainingCheckpointTest, SumOfGradientsComesBackAndItsAbsenceMakesTheFileUseless) {
  ASSERT_THAT(file_.Write(Example()), IsOk());
  EXPECT_FALSE(file_.Read(3, 2, /*gradients=*/3).has_value());
  TrainingCheckpoint with_sum = Example();
  with_sum.gradient_sum = {1.0 / 3, -2, 1e300};
  with_sum.gradient_steps = 5;
  ASSERT_THAT(file_.Write(with_sum), IsOk());
  const TrainingCheckpoint read = file_.Read(3, 2, /*gradients=*/3).value();
  EXPECT_THAT(read.gradient_sum, ElementsAre(1.0 / 3, -2, 1e300));
  EXPECT_EQ(read.gradient_steps, 5);
}

TEST_F(TrainingCheckpointTest, OfAnotherTrainingIsIgnored) {
  ASSERT_THAT(file_.Write(Example()), IsOk());
  EXPECT_FALSE(CheckpointFile(path_, "other").Read(3, 2).has_value());
  EXPECT_FALSE(file_.Read(4, 2).has_value());  // another model
  EXPECT_FALSE(file_.Read(3, 1).has_value());  // other recordings
}

TEST_F(TrainingCheckpointTest, DamagedOrAbsentIsIgnored) {
  EXPECT_FALSE(file_.Read(3, 2).has_value());
  ASSERT_THAT(file_.Write(Example()), IsOk());
  const std::string whole = ReadFileOrDie(path_);
  for (size_t size = 0; size < whole.size(); ++size) {
    WriteFileOrDie(path_, whole.substr(0, size));
    EXPECT_FALSE(file_.Read(3, 2).has_value()) << size;
  }
}

TEST_F(TrainingCheckpointTest, IsGoneAfterRemove) {
  ASSERT_THAT(file_.Write(Example()), IsOk());
  file_.Remove();
  EXPECT_FALSE(file_.Read(3, 2).has_value());
}

}  // namespace
}  // namespace consort::trainer
