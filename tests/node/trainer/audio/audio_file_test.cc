#include "node/trainer/audio/audio_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <limits>

#include "node/trainer/audio/excerpt.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::ElementsAre;
using ::testing::StartsWith;
using namespace ::consort::trainer::testing;

constexpr int kModelRate = 44100;

// Root mean square of the difference, over what both have.
double Difference(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  const size_t size = std::min(a.size(), b.size());
  for (size_t i = 0; i < size; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(size));
}

struct DecodeCase {
  const char* name;
  SoundFormat format;
  int rate_hz;
  int channels;
  double tolerance;  // of the root mean square; the sine's own is 0.35
};

class DecodeTest : public ::testing::TestWithParam<DecodeCase> {};

TEST_P(DecodeTest, SineArrivesAtTheModelsRate) {
  const DecodeCase& decode = GetParam();
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/sound";
  WriteSound(path, Sine(440, 1, decode.rate_hz), decode.rate_hz, decode.format, decode.channels);

  const auto audio = ReadExcerpt(path, kModelRate, 0, kModelRate);
  ASSERT_THAT(audio, IsOk());
  ASSERT_NEAR(static_cast<double>(audio->size()), kModelRate, 8);
  // Away from both ends, where filters ring.
  const std::vector<float> expected = Sine(440, 1, kModelRate);
  const std::vector<float> middle(audio->begin() + 4410, audio->begin() + 39690);
  EXPECT_LT(Difference(middle, {expected.begin() + 4410, expected.begin() + 39690}), decode.tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, DecodeTest,
    ::testing::Values(DecodeCase{"Wav16", SoundFormat::kWav16, 44100, 1, 1e-4},
                      DecodeCase{"Wav24Stereo", SoundFormat::kWav24, 48000, 2, 1e-3},
                      DecodeCase{"WavFloat", SoundFormat::kWavFloat, 96000, 1, 1e-3},
                      DecodeCase{"BroadcastWave", SoundFormat::kBwf, 48000, 2, 1e-3},
                      DecodeCase{"Rf64", SoundFormat::kRf64, 44100, 2, 1e-4},
                      DecodeCase{"Flac192kHz", SoundFormat::kFlac, 192000, 1, 1e-3},
                      DecodeCase{"Wav8kHz", SoundFormat::kWav16, 8000, 1, 1e-2},
                      DecodeCase{"FlacEightChannels", SoundFormat::kFlac, 44100, 8, 1e-4},
                      DecodeCase{"OggVorbis", SoundFormat::kOgg, 44100, 2, 0.02},
                      // An MP3 starts with the encoder's delay, which libsndfile takes off.
                      DecodeCase{"Mp3", SoundFormat::kMp3, 44100, 1, 0.02}),
    [](const auto& info) { return info.param.name; });

TEST(AudioFileTest, ReadsANameInAnyBytes) {
  const TemporaryDirectory directory;
  // 茉莉花 in UTF-8, and the same in GB 18030, which is no UTF-8.
  for (const char* name : {"\xE8\x8C\x89\xE8\x8E\x89\xE8\x8A\xB1.wav", "\xDC\xD4\xC0\xF2\xBB\xA8.wav"}) {
    WriteSound(directory.path() + "/" + name, Sine(440, 0.1, 44100), 44100);
    EXPECT_THAT(AudioFile::Open(directory.path() + "/" + name), IsOk());
  }
}

TEST(AudioFileTest, RefusesWhatIsNoSoundWithItsCode) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/file.wav";
  WriteFileOrDie(path, "");
  EXPECT_THAT(AudioFile::Open(path), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("empty")));
  WriteFileOrDie(path, "this is a letter, not a sound");
  EXPECT_THAT(AudioFile::Open(path), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("unreadable")));
  WriteSound(path, {}, 44100);
  EXPECT_THAT(AudioFile::Open(path), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("empty")));
  WriteSound(path, Sine(440, 0.1, 4000), 4000);
  EXPECT_THAT(AudioFile::Open(path),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("unsupported-rate")));
  EXPECT_THAT(AudioFile::Open(directory.path() + "/absent.wav"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("unreadable")));
}

TEST(AudioFileTest, PipeIsRefusedWithoutWaitingForAWriter) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/pipe.wav";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(AudioFile::Open(path), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("unreadable")));
}

TEST(AudioFileTest, SamplesThatAreNoNumbersAreUnreadable) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/file.wav";
  std::vector<float> audio = Sine(440, 0.2, 44100);
  audio[100] = std::numeric_limits<float>::quiet_NaN();
  WriteSound(path, audio, 44100, SoundFormat::kWavFloat);
  const auto file = AudioFile::Open(path).value();
  EXPECT_THAT(file->ReadBlock(), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("unreadable")));
}

TEST(AudioFileTest, ChannelsAreAveraged) {
  std::vector<float> mono;
  MixToMono(std::vector<float>{1.0f, 0.0f, -0.5f, 0.5f}, /*channels=*/2, mono);
  EXPECT_THAT(mono, ElementsAre(0.5f, 0.0f));
}

TEST(AudioFileTest, KnowsAudioByItsExtensionInAnyCase) {
  EXPECT_TRUE(HasAudioExtension("Take 1.WAV"));
  EXPECT_TRUE(HasAudioExtension("a.b.flac"));
  EXPECT_FALSE(HasAudioExtension("notes.txt"));
  EXPECT_FALSE(HasAudioExtension("wav"));
  EXPECT_FALSE(HasAudioExtension(".wav"));
}

TEST(ExcerptTest, StretchEqualsThatPartOfTheWholeRecording) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/sound.wav";
  WriteSound(path, Pluck(1, 3, 48000), 48000, SoundFormat::kWavFloat);
  const std::vector<float> whole = ReadExcerpt(path, kModelRate, 0, 3 * kModelRate).value();
  const std::vector<float> part = ReadExcerpt(path, kModelRate, 60000, 10000).value();
  ASSERT_EQ(part.size(), 10000u);
  // The stretch begins on the nearest sample of the file, so it may lie up to one sample beside.
  EXPECT_LT(Difference(part, {whole.begin() + 60000, whole.begin() + 70000}), 0.02);
}

TEST(ExcerptTest, EndsWhereTheRecordingEnds) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/sound.wav";
  WriteSound(path, Sine(440, 1, 44100), 44100);
  EXPECT_EQ(ReadExcerpt(path, kModelRate, 44000, 1000).value().size(), 100u);
}

}  // namespace
}  // namespace consort::trainer
