#include "node/trainer/audio/excerpt.h"

#include <soxr.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/audio/audio_file.h"

namespace consort::trainer {
namespace {

// Frames read before and behind a stretch: more than half the length of libsoxr's filter at any of our rates.
constexpr int64_t kMarginFrames = 8192;

absl::StatusOr<std::vector<float>> ReadMonoFrames(AudioFile& file, int64_t begin, int64_t count) {
  RETURN_IF_ERROR(file.SeekToFrame(begin));
  std::vector<float> frames, mono;
  while (static_cast<int64_t>(frames.size()) < count) {
    ASSIGN_OR_RETURN(const absl::Span<const float> block, file.ReadBlock());
    if (block.empty()) break;
    MixToMono(block, file.channels(), mono);
    const size_t wanted = std::min<size_t>(mono.size(), count - frames.size());
    frames.insert(frames.end(), mono.begin(), mono.begin() + wanted);
  }
  return frames;
}

absl::StatusOr<std::vector<float>> Resample(const std::vector<float>& input, int from_hz, int to_hz) {
  std::vector<float> output(static_cast<size_t>(SamplesAtRate(input.size(), from_hz, to_hz)) + 2);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  size_t produced = 0;
  // One thread and one call: the same input gives the same output.
  const soxr_error_t error =
      soxr_oneshot(from_hz, to_hz, /*num_channels=*/1, input.data(), input.size(), nullptr, output.data(),
                   output.size(), &produced, nullptr, &quality, nullptr);
  if (error != nullptr) return absl::InternalError(absl::StrCat("resampling failed: ", error));
  output.resize(produced);
  return output;
}

}  // namespace

int64_t SamplesAtRate(int64_t frames, int source_rate_hz, int rate_hz) {
  return static_cast<int64_t>(static_cast<__int128>(frames) * rate_hz / source_rate_hz);
}

absl::StatusOr<std::vector<float>> ReadExcerpt(const std::string& path, int rate_hz, int64_t begin,
                                               int64_t samples) {
  ASSIGN_OR_RETURN(const std::unique_ptr<AudioFile> file, AudioFile::Open(path));
  const int source_hz = file->sample_rate_hz();
  const int64_t margin = source_hz == rate_hz ? 0 : kMarginFrames;
  // Both rates have a sample there, so that excerpts of a recording fit together without a seam.
  const int64_t common_frames = source_hz / std::gcd(source_hz, rate_hz);
  const int64_t first =
      std::max<int64_t>(0, SamplesAtRate(begin, rate_hz, source_hz) - margin) / common_frames * common_frames;
  const int64_t last = SamplesAtRate(begin + samples, rate_hz, source_hz) + 1 + margin;
  ASSIGN_OR_RETURN(std::vector<float> audio, ReadMonoFrames(*file, first, last - first));
  if (source_hz != rate_hz && !audio.empty()) {
    ASSIGN_OR_RETURN(audio, Resample(audio, source_hz, rate_hz));
  }
  const int64_t skip = std::min<int64_t>(begin - SamplesAtRate(first, source_hz, rate_hz), audio.size());
  audio.erase(audio.begin(), audio.begin() + skip);
  audio.resize(std::min<size_t>(audio.size(), samples));
  return audio;
}

}  // namespace consort::trainer
