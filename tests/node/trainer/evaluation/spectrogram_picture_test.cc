#include "node/trainer/evaluation/spectrogram_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Sine;
using Layout = SpectrogramLayout;

constexpr int kRate = 44100;
constexpr int kMiddle = Layout::kLeft + Layout::kColumns / 2;

// The row of the brightest band in the middle of a panel, counted from its lowest band.
int LoudestBand(const Picture& picture, int panel) {
  int loudest = 0;
  const auto at = [&](int band) {
    return picture.At(kMiddle, Layout::Top(panel) + Layout::kBands - 1 - band);
  };
  for (int band = 1; band < Layout::kBands; ++band) {
    if (at(band) > at(loudest)) loudest = band;
  }
  return loudest;
}

int BrightestOf(const Picture& picture, int panel) {
  int brightest = 0;
  for (int y = 0; y < Layout::kBands; ++y) {
    brightest = std::max<int>(brightest, picture.At(kMiddle, Layout::Top(panel) + y));
  }
  return brightest;
}

// Slaney's mel is hertz * 3 / 200 up to 1 kHz and 15 + 27 * ln(hertz / 1000) / ln 6.4 above: 0.75 at 50 Hz,
// 15 at 1 kHz, 55.33 at 16 kHz, 35.17 at 4 kHz. So 1 kHz is at (15 - 0.75) / 54.58 = 0.261 of 192 bands, and
// 4 kHz at 0.631 of them.
TEST(SpectrogramPictureTest, TonesAreWhereTheirPitchIs) {
  const std::vector<float> low = Sine(1000, 2, kRate), high = Sine(4000, 2, kRate);
  const Picture picture = DrawSpectrograms(low, high, low, kRate).value();
  EXPECT_NEAR(LoudestBand(picture, 0), 0.261 * 192, 1.5);
  EXPECT_NEAR(LoudestBand(picture, 1), 0.631 * 192, 1.5);
  EXPECT_NEAR(LoudestBand(picture, 2), 0.261 * 192, 1.5);
}

TEST(SpectrogramPictureTest, ColoursMeanTheSameInAllThree) {
  const std::vector<float> loud = Sine(1000, 2, kRate, 0.5f), silence(loud.size());
  std::vector<float> quiet = loud;
  for (float& sample : quiet) sample *= 0.01f;  // 40 dB, half of what is shown
  const Picture picture = DrawSpectrograms(loud, quiet, silence, kRate).value();
  EXPECT_EQ(BrightestOf(picture, 0), kBrightest);
  EXPECT_NEAR(BrightestOf(picture, 1), kBrightest / 2, 2);
  EXPECT_EQ(BrightestOf(picture, 2), 0);
  EXPECT_EQ(BrightestOf(DrawSpectrograms(silence, silence, loud, kRate).value(), 0), 0);
}

TEST(SpectrogramPictureTest, ShortestAndLongSoundsFillThePicture) {
  for (const double seconds : {1.0 / kRate, 0.3, 60.0}) {
    const std::vector<float> sound = Sine(1000, seconds, kRate);
    EXPECT_TRUE(DrawSpectrograms(sound, sound, sound, kRate).ok()) << seconds;
  }
}

TEST(SpectrogramPictureTest, RefusesWhatHasNoSpectrum) {
  const std::vector<float> sound = Sine(1000, 0.1, kRate), broken = {std::numeric_limits<float>::quiet_NaN()};
  EXPECT_THAT(DrawSpectrograms({}, sound, sound, kRate),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(DrawSpectrograms(sound, sound, broken, kRate),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(DrawSpectrograms(sound, sound, sound, 22050),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

uint32_t BigEndian(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

// ISO/IEC 15948: 8 bytes of signature, then chunks of length, type, data and checksum. The checksum of an
// empty IEND is AE 42 60 82 in every PNG file there is.
TEST(PngFileTest, HoldsTheRowsInAValidFile) {
  Picture picture(3, 2, {{0, 0, 0}, {255, 0, 0}}, 0);
  picture.At(2, 1) = 1;
  const std::string file = PngBytes(picture).value();
  EXPECT_EQ(file.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(BigEndian(file, 8), 13u);
  EXPECT_EQ(file.substr(12, 4), "IHDR");
  EXPECT_EQ(BigEndian(file, 16), 3u);
  EXPECT_EQ(BigEndian(file, 20), 2u);
  EXPECT_EQ(file.substr(24, 5), std::string("\x08\x03\0\0\0", 5));
  EXPECT_EQ(file.substr(37, 10), std::string("PLTE\0\0\0\xff\0\0", 10));
  const size_t data = 51;  // after the palette's checksum
  ASSERT_EQ(file.substr(data + 4, 4), "IDAT");
  std::string rows(100, '\0');
  uLongf size = rows.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(rows.data()), &size,
                       reinterpret_cast<const Bytef*>(file.data() + data + 8), BigEndian(file, data)),
            Z_OK);
  EXPECT_EQ(rows.substr(0, size), std::string("\0\0\0\0\0\0\0\1", 8));
  EXPECT_EQ(file.substr(file.size() - 12), std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12));
}

}  // namespace
}  // namespace consort::trainer
