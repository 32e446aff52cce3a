#include "node/trainer/audio/sample_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::TemporaryDirectory;
using namespace ::consort::trainer::testing;

class SampleCacheTest : public ::testing::Test {
 protected:
  std::string Sound(const std::string& name) {
    const std::string path = directory_.path() + "/" + name;
    WriteSound(path, Sine(440, 1, 44100), 44100);
    return path;
  }
  TemporaryDirectory directory_;
};

TEST_F(SampleCacheTest, SecondReadNeedsNoFile) {
  SampleCache cache(44100);
  const std::string path = Sound("a.wav");
  const std::vector<float> first = cache.Read(path, 44100, 100, 50).value();
  std::filesystem::remove(path);
  EXPECT_EQ(cache.Read(path, 44100, 100, 50).value(), first);
  EXPECT_NEAR(first[0], 0.5 * std::sin(2 * M_PI * 440 * 100 / 44100), 1e-4);
}

TEST_F(SampleCacheTest, StaysWithinItsBound) {
  SampleCache cache(44100, /*capacity_bytes=*/8 * 88200);
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(cache.Read(Sound("sound" + std::to_string(i) + ".wav"), 44100, 0, 10), IsOk());
    EXPECT_LE(cache.bytes(), 8 * 88200u);
  }
}

TEST_F(SampleCacheTest, LongRecordingIsReadWithoutBeingKept) {
  SampleCache cache(44100, /*capacity_bytes=*/88200);
  EXPECT_EQ(cache.Read(Sound("long.wav"), 44100, 44000, 1000).value().size(), 100u);
  EXPECT_EQ(cache.bytes(), 0u);
}

}  // namespace
}  // namespace consort::trainer
