#include "node/trainer/audio/wav_file.h"

#include <gtest/gtest.h>

#include <vector>

namespace consort::trainer {
namespace {

TEST(WavFileTest, BytesAreThoseOfTheFormat) {
  // Worked by hand from the RIFF/WAVE description; 44100 = 0xAC44, 88200 = 0x15888.
  const std::string expected(
      "RIFF\x2A\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xAC\0\0\x88\x58\x01\0\x02\0\x10\0"
      "data\x06\0\0\0\0\0\xFF\x7F\x01\x80",
      50);
  EXPECT_EQ(WavBytes(std::vector<float>{0.0f, 2.0f, -1.0f}, 44100), expected);
}

}  // namespace
}  // namespace consort::trainer
