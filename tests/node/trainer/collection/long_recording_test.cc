// A recording of ten hours: found, measured and heard without ever being in memory whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "node/trainer/collection/collection.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::TemporaryDirectory;

constexpr int kFileRateHz = 8000;
constexpr int kHeardRateHz = 44100;
constexpr int64_t kHours = 10;
constexpr int64_t kBytesAnHour = int64_t{3600} * kFileRateHz * 2;
constexpr int64_t kAllowedKilobytes = 128 << 10;  // the whole, decoded as the model hears it, has 3.2 GB
constexpr int kHeaderBytes = 44;

// The header of a WAV file: 16 bits, mono.
std::string WavHeader(uint32_t data_bytes) {
  std::string header = "RIFF....WAVEfmt ";
  const auto put = [&header](uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) header += static_cast<char>(value >> (8 * i));
  };
  put(16, 4);               // bytes of what follows up to "data"
  put(1, 2);                // PCM
  put(1, 2);                // channels
  put(kFileRateHz, 4);      // frames a second
  put(kFileRateHz * 2, 4);  // bytes a second
  put(2, 2);                // bytes a frame
  put(16, 2);               // bits a sample
  header += "data";
  put(data_bytes, 4);
  const uint32_t riff_bytes = data_bytes + kHeaderBytes - 8;
  std::memcpy(header.data() + 4, &riff_bytes, 4);
  return header;
}

// One minute of music at the start of each hour; holes between them, so that the disk holds 10 MB.
void WriteTenHours(const std::string& path) {
  std::string minute;
  for (const float sample : testing::Pluck(/*seed=*/1, /*seconds=*/60, kFileRateHz)) {
    const auto value = static_cast<int16_t>(std::clamp(sample, -1.0f, 1.0f) * 32767);
    minute.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  std::ofstream file(path, std::ios::binary);
  file << WavHeader(static_cast<uint32_t>(kHours * kBytesAnHour));
  for (int64_t hour = 0; hour < kHours; ++hour) {
    file.seekp(kHeaderBytes + hour * kBytesAnHour);
    file << minute;
  }
  file.close();
  std::filesystem::resize_file(path, kHeaderBytes + kHours * kBytesAnHour);
}

int64_t PeakKilobytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

class LongRecordingTest : public ::testing::Test {
 protected:
  LongRecordingTest() {
    config_.recordings_directory = directory_.Path("recordings");
    config_.state_directory = directory_.Path("state");
    config_.consent = "declared-by-operator";
    config_.max_recording_seconds = 24 * 3600;
    config_.sample_rate_hz = kHeardRateHz;
    std::filesystem::create_directory(config_.recordings_directory);
    std::filesystem::create_directory(config_.state_directory);
    WriteTenHours(config_.recordings_directory + "/festival.wav");
  }
  std::unique_ptr<Collection> Scanned() {
    auto collection = Collection::Open(config_).value();
    const std::atomic<bool> stop{false};
    EXPECT_THAT(collection->Scan(stop), IsOk());
    return collection;
  }

  TemporaryDirectory directory_;
  CollectionConfig config_;
};

TEST_F(LongRecordingTest, IsListedAndHeardAnywhereWithoutBeingLoadedWhole) {
  const int64_t before = PeakKilobytes();
  const auto collection = Scanned();
  ASSERT_EQ(collection->recordings().size(), 1u);
  const Recording& recording = collection->recordings()[0];
  EXPECT_EQ(recording.seconds, kHours * 3600);
  for (const int64_t hour : {0, 4, 9}) {
    const auto window = collection->Read(recording, "train.generative", hour * 3600 * kHeardRateHz, 65536);
    ASSERT_THAT(window, IsOk());
    EXPECT_EQ(window->size(), 65536u);
    EXPECT_GT(*std::max_element(window->begin(), window->end()), 0.1f) << "hour " << hour;
  }
  EXPECT_LT(PeakKilobytes() - before, kAllowedKilobytes);
}

TEST_F(LongRecordingTest, LongerThanTheArchiveAllowsIsNamedAndNotDecoded) {
  config_.max_recording_seconds = 8 * 3600;  // what trainer.toml says unless told otherwise
  const auto collection = Scanned();
  ASSERT_EQ(collection->problems().size(), 1u);
  EXPECT_EQ(collection->problems()[0].code, "too-long");
}

}  // namespace
}  // namespace consort::trainer
