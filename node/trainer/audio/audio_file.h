// Reads sound files of any format that libsndfile knows: WAV, BWF, RF64, FLAC, OGG, MP3 and others.
#ifndef CONSORT_NODE_TRAINER_AUDIO_AUDIO_FILE_H_
#define CONSORT_NODE_TRAINER_AUDIO_AUDIO_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace consort::trainer {

// True for file names that should hold audio, by their extension in any case. Others are no recordings.
bool HasAudioExtension(absl::string_view file_name);

// One open file, decoded block by block at its own rate. Not thread-safe.
// Errors begin with a code of RecordingProblem (consort/v1/trainer.proto) and never name the file.
class AudioFile {
 public:
  static constexpr int kMinRateHz = 8000;
  static constexpr int kMaxRateHz = 192000;

  // `path`: bytes as the file system has them. Errors: InvalidArgument "empty", "unreadable" (also for what
  // is no regular file) or "unsupported-rate".
  static absl::StatusOr<std::unique_ptr<AudioFile>> Open(const std::string& path);
  ~AudioFile();

  int sample_rate_hz() const;
  int channels() const;
  int64_t frames() const;  // as the header says; for compressed formats an estimate

  // Reads the next block. The span, float32 [frames, channels] interleaved, is valid until the next call;
  // empty at the end. Errors: InvalidArgument "unreadable" for damaged data or samples that are NaN or
  // infinite.
  absl::StatusOr<absl::Span<const float>> ReadBlock();
  // Errors: InvalidArgument "unreadable" if the file cannot be positioned there.
  absl::Status SeekToFrame(int64_t frame);

 private:
  struct Impl;
  explicit AudioFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The mean of the channels: float32 [frames] into `mono`, replacing what it held.
void MixToMono(absl::Span<const float> interleaved, int channels, std::vector<float>& mono);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_AUDIO_AUDIO_FILE_H_
