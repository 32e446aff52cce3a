#include "node/trainer/audio/sample_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

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

TEST_F(SampleCacheTest, WhatIsHeldIsNotDecodedAgain) {
  SampleCache cache(44100);
  const std::string path = Sound("a.wav");
  const auto written = std::filesystem::last_write_time(path);
  const std::vector<float> first = cache.Read(path, 44100, 100, 50).value();
  EXPECT_NEAR(first[0], 0.5 * std::sin(2 * M_PI * 440 * 100 / 44100), 1e-4);
  // Another sound in a file that looks the same.
  WriteSound(path, Sine(880, 1, 44100), 44100);
  std::filesystem::last_write_time(path, written);
  EXPECT_EQ(cache.Read(path, 44100, 100, 50).value(), first);
}

TEST_F(SampleCacheTest, FileThatHasChangedIsReadAgain) {
  SampleCache cache(44100);
  const std::string path = Sound("a.wav");
  const std::vector<float> first = cache.Read(path, 44100, 100, 50).value();
  const uint64_t held = cache.bytes();
  WriteSound(path, Sine(880, 1, 44100), 44100);
  std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) + std::chrono::seconds(1));
  EXPECT_NE(cache.Read(path, 44100, 100, 50).value(), first);
  EXPECT_EQ(cache.bytes(), held);
}

TEST_F(SampleCacheTest, RemovedFileIsNotHeardAnyMore) {
  SampleCache cache(44100);
  const std::string path = Sound("a.wav");
  ASSERT_THAT(cache.Read(path, 44100, 100, 50), IsOk());
  std::filesystem::remove(path);
  EXPECT_FALSE(cache.Read(path, 44100, 100, 50).ok());
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST_F(SampleCacheTest, StaysWithinItsBound) {
  SampleCache cache(44100, /*capacity_bytes=*/8 * 88200);
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(cache.Read(Sound("sound" + std::to_string(i) + ".wav"), 44100, 0, 10), IsOk());
    EXPECT_LE(cache.bytes(), 8 * 88200u);
  }
}

TEST_F(SampleCacheTest, ReadingARecordingThroughKeepsNothing) {
  SampleCache cache(44100);
  EXPECT_EQ(cache.Read(Sound("a.wav"), 44100, 44000, SampleCache::kMostSamples + 1).value().size(), 100u);
  EXPECT_EQ(cache.bytes(), 0u);
}

// 4 s at 48 kHz are two stretches at 44.1 kHz; a sine that was cut between them would jump.
TEST_F(SampleCacheTest, StretchesFitTogetherWithoutASeam) {
  constexpr int64_t kSamples = 4 * 44100, kSeam = SampleCache::kStretchSamples;
  const std::string path = directory_.path() + "/long.wav";
  WriteSound(path, Sine(1000, 4, 48000), 48000, SoundFormat::kWavFloat);
  SampleCache cache(44100);
  const std::vector<float> audio = cache.Read(path, kSamples, kSeam - 100, 200).value();
  ASSERT_EQ(audio.size(), 200u);
  for (int64_t i = 0; i < 200; ++i) {
    const double time = static_cast<double>(kSeam - 100 + i) / 44100;
    EXPECT_NEAR(audio[i], 0.5 * std::sin(2 * M_PI * 1000 * time), 1e-4) << i;
  }
}

TEST_F(SampleCacheTest, WhatIsReadDoesNotDependOnWhatIsHeld) {
  constexpr int64_t kSamples = 4 * 44100, kSeam = SampleCache::kStretchSamples;
  const std::string path = directory_.path() + "/noise.wav";
  WriteSound(path, Noise(1, 4 * 48000, 0.5f), 48000);
  SampleCache fresh(44100), used(44100);
  ASSERT_THAT(used.Read(path, kSamples, 0, kSamples), IsOk());
  EXPECT_EQ(fresh.Read(path, kSamples, kSeam - 500, 1000).value(),
            used.Read(path, kSamples, kSeam - 500, 1000).value());
}

TEST_F(SampleCacheTest, FileThatHasBecomeShorterGivesLess) {
  SampleCache cache(44100);
  EXPECT_EQ(cache.Read(Sound("a.wav"), 50000, 44000, 1000).value().size(), 100u);
}

TEST_F(SampleCacheTest, ThreadsMayReadAtTheSameTime) {
  SampleCache cache(44100, /*capacity_bytes=*/8 * 88200);
  std::vector<std::string> paths;
  for (int i = 0; i < 12; ++i) paths.push_back(Sound("sound" + std::to_string(i) + ".wav"));
  const std::vector<float> expected = cache.Read(paths[0], 44100, 100, 50).value();
  int wrong = 0;
  const auto read_all = [&](int& failures) {
    for (const std::string& path : paths) failures += cache.Read(path, 44100, 100, 50).value() != expected;
  };
  int wrong_elsewhere = 0;
  std::thread other([&] { read_all(wrong_elsewhere); });
  read_all(wrong);
  other.join();
  EXPECT_EQ(wrong + wrong_elsewhere, 0);
}

}  // namespace
}  // namespace consort::trainer
