#include "node/trainer/descriptors/audio_check.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "node/trainer/audio/audio_file.h"

namespace consort::trainer {

absl::Status CheckFinite(absl::Span<const float> audio) {
  const auto bad =
      std::find_if(audio.begin(), audio.end(), [](float sample) { return !std::isfinite(sample); });
  if (bad == audio.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("not-finite: audio to measure has a sample that is NaN or infinite: sample ",
                   bad - audio.begin(), " of ", audio.size()));
}

absl::Status CheckRate(int sample_rate_hz) {
  if (sample_rate_hz >= AudioFile::kMinRateHz && sample_rate_hz <= AudioFile::kMaxRateHz)
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("unsupported-rate: ", sample_rate_hz, " Hz, expected ",
                                                 AudioFile::kMinRateHz, " to ", AudioFile::kMaxRateHz));
}

}  // namespace consort::trainer
