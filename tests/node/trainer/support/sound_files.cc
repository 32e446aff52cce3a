#include "tests/node/trainer/support/sound_files.h"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <cmath>
#include <cstring>
#include <numbers>

namespace consort::trainer::testing {
namespace {

int FormatOf(SoundFormat format) {
  switch (format) {
    case SoundFormat::kWav16:
    case SoundFormat::kBwf:
      return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    case SoundFormat::kWav24:
      return SF_FORMAT_WAV | SF_FORMAT_PCM_24;
    case SoundFormat::kWavFloat:
      return SF_FORMAT_WAV | SF_FORMAT_FLOAT;
    case SoundFormat::kRf64:
      return SF_FORMAT_RF64 | SF_FORMAT_PCM_16;
    case SoundFormat::kFlac:
      return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    case SoundFormat::kOgg:
      return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
    case SoundFormat::kMp3:
      return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
  }
  return 0;
}

}  // namespace

std::vector<float> Sine(double hertz, double seconds, int rate_hz, float gain) {
  std::vector<float> audio(static_cast<size_t>(std::lround(seconds * rate_hz)));
  for (size_t i = 0; i < audio.size(); ++i) {
    audio[i] =
        gain * static_cast<float>(std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate_hz));
  }
  return audio;
}

std::vector<float> Pluck(uint64_t seed, double seconds, int rate_hz) {
  std::vector<float> audio(static_cast<size_t>(std::lround(seconds * rate_hz)));
  const double base = 220 * std::pow(2, static_cast<double>(seed % 12) / 12);
  for (size_t i = 0; i < audio.size(); ++i) {
    const double time = static_cast<double>(i) / rate_hz;
    const double in_note = std::fmod(time, 0.5);
    for (int overtone = 1; overtone <= 4; ++overtone) {
      audio[i] +=
          static_cast<float>(0.3 / overtone * std::exp(-4 * in_note) *
                             std::sin(2 * std::numbers::pi * base * overtone * time + overtone * seed));
    }
  }
  return audio;
}

std::vector<float> Noise(uint32_t seed, size_t samples, float gain) {
  std::vector<float> noise(samples);
  for (float& sample : noise) {
    seed = seed * 1664525u + 1013904223u;
    sample = gain * static_cast<float>(seed / 2147483648.0 - 1);
  }
  return noise;
}

std::vector<float> Sawtooth(double hertz, size_t samples, int rate_hz, int partials) {
  std::vector<float> sound(samples);
  for (size_t i = 0; i < samples; ++i) {
    double sum = 0;
    for (int k = 1; k <= partials; ++k) {
      sum += 0.3 / k * std::sin(2 * std::numbers::pi * hertz * k * static_cast<double>(i) / rate_hz);
    }
    sound[i] = static_cast<float>(sum);
  }
  return sound;
}

void WriteSound(const std::string& path, const std::vector<float>& mono, int rate_hz, SoundFormat format,
                int channels) {
  SF_INFO info = {};
  info.samplerate = rate_hz;
  info.channels = channels;
  info.format = FormatOf(format);
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  ASSERT_NE(file, nullptr) << sf_strerror(nullptr);
  if (format == SoundFormat::kBwf) {
    SF_BROADCAST_INFO broadcast = {};
    std::strncpy(broadcast.description, "field recording", sizeof(broadcast.description));
    sf_command(file, SFC_SET_BROADCAST_INFO, &broadcast, sizeof(broadcast));
  }
  if (format == SoundFormat::kRf64) sf_command(file, SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_FALSE);
  std::vector<float> interleaved;
  for (float sample : mono) interleaved.insert(interleaved.end(), channels, sample);
  ASSERT_EQ(sf_writef_float(file, interleaved.data(), static_cast<sf_count_t>(mono.size())),
            static_cast<sf_count_t>(mono.size()));
  sf_close(file);
}

}  // namespace consort::trainer::testing
