#include "node/trainer/audio/wav_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace consort::trainer {
namespace {

void AppendLittleEndian(std::string& bytes, uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
}

}  // namespace

std::string WavBytes(absl::Span<const float> audio, int sample_rate_hz) {
  constexpr uint32_t kBytesPerSample = 2, kPcm = 1, kMono = 1, kHeaderBytes = 36;
  const uint32_t data_bytes = static_cast<uint32_t>(audio.size()) * kBytesPerSample;
  std::string bytes = "RIFF";
  AppendLittleEndian(bytes, kHeaderBytes + data_bytes, 4);
  bytes += "WAVEfmt ";
  AppendLittleEndian(bytes, 16, 4);
  AppendLittleEndian(bytes, kPcm, 2);
  AppendLittleEndian(bytes, kMono, 2);
  AppendLittleEndian(bytes, sample_rate_hz, 4);
  AppendLittleEndian(bytes, sample_rate_hz * kBytesPerSample, 4);
  AppendLittleEndian(bytes, kBytesPerSample, 2);
  AppendLittleEndian(bytes, 8 * kBytesPerSample, 2);
  bytes += "data";
  AppendLittleEndian(bytes, data_bytes, 4);
  for (float sample : audio) {
    const float limited = std::clamp(sample, -1.0f, 1.0f);
    AppendLittleEndian(bytes, static_cast<uint32_t>(std::lrint(limited * 32767)), kBytesPerSample);
  }
  return bytes;
}

}  // namespace consort::trainer
