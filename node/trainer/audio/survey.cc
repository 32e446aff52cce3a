#include "node/trainer/audio/survey.h"

#include <ebur128.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "node/trainer/audio/audio_file.h"

namespace consort::trainer {
namespace {

// R 128 measures in blocks of 400 ms; shorter sounds are measured with silence behind them.
constexpr double kLoudnessBlockSeconds = 0.4;
// Headers of compressed formats only estimate their length.
constexpr double kLeastShareOfHeader = 0.95;

absl::Status Problem(absl::string_view code, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(code, ": ", what));
}

class LoudnessMeter {
 public:
  explicit LoudnessMeter(int sample_rate_hz)
      : state_(ebur128_init(/*channels=*/1, sample_rate_hz, EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM)),
        block_frames_(static_cast<size_t>(kLoudnessBlockSeconds * sample_rate_hz) + 1) {}
  ~LoudnessMeter() { ebur128_destroy(&state_); }
  LoudnessMeter(const LoudnessMeter&) = delete;
  LoudnessMeter& operator=(const LoudnessMeter&) = delete;

  bool Add(const std::vector<float>& mono) {
    frames_ += mono.size();
    return ebur128_add_frames_float(state_, mono.data(), mono.size()) == EBUR128_SUCCESS;
  }

  // Negative infinity when nothing passed the absolute gate.
  absl::StatusOr<double> Finish() {
    if (frames_ < block_frames_ && !Add(std::vector<float>(block_frames_ - frames_))) {
      return absl::InternalError("loudness could not be measured");
    }
    double loudness = 0;
    if (ebur128_loudness_global(state_, &loudness) != EBUR128_SUCCESS) {
      return absl::InternalError("loudness could not be measured");
    }
    return loudness;
  }

 private:
  ebur128_state* state_;
  size_t block_frames_;
  size_t frames_ = 0;
};

absl::Status CheckLength(double seconds, const SurveyLimits& limits) {
  if (seconds > limits.max_seconds) return Problem("too-long", absl::StrCat(seconds, " s"));
  if (seconds < limits.min_seconds) return Problem("too-short", absl::StrCat(seconds, " s"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RecordingFacts> SurveyRecording(const std::string& path, const SurveyLimits& limits,
                                               const std::atomic<bool>& stop) {
  ASSIGN_OR_RETURN(const std::unique_ptr<AudioFile> file, AudioFile::Open(path));
  const double rate = file->sample_rate_hz();
  // Before an hour is spent on decoding it.
  if (file->frames() / rate > limits.max_seconds) return CheckLength(file->frames() / rate, limits);

  Sha256 digest;
  digest.Update(absl::StrCat(file->sample_rate_hz(), " ", file->channels(), "\n"));
  LoudnessMeter loudness(file->sample_rate_hz());
  RecordingFacts facts;
  facts.sample_rate_hz = file->sample_rate_hz();
  std::vector<float> mono;
  while (true) {
    if (stop) return absl::CancelledError("stopped while surveying recordings");
    ASSIGN_OR_RETURN(const absl::Span<const float> block, file->ReadBlock());
    if (block.empty()) break;
    digest.Update({reinterpret_cast<const char*>(block.data()), block.size() * sizeof(float)});
    MixToMono(block, file->channels(), mono);
    if (!loudness.Add(mono)) return absl::InternalError("loudness could not be measured");
    facts.frames += static_cast<int64_t>(mono.size());
    if (facts.frames / rate > limits.max_seconds) break;
  }
  if (facts.frames < kLeastShareOfHeader * file->frames() && facts.frames / rate <= limits.max_seconds) {
    return Problem("unreadable", absl::StrCat(facts.frames, " of ", file->frames(), " frames are there"));
  }
  facts.seconds = facts.frames / rate;
  RETURN_IF_ERROR(CheckLength(facts.seconds, limits));
  facts.audio_digest = HexOf(digest.Finish());
  ASSIGN_OR_RETURN(facts.loudness_lufs, loudness.Finish());
  if (facts.loudness_lufs < limits.silence_lufs) return Problem("silent", "nothing above the gate");
  return facts;
}

}  // namespace consort::trainer
