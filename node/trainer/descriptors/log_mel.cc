#include "node/trainer/descriptors/log_mel.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/descriptors/audio_check.h"

namespace consort::trainer {

absl::StatusOr<LogMelSpectrogram> LogMel(absl::Span<const float> audio, int sample_rate_hz,
                                         const LogMelSettings& settings) {
  if (audio.empty())
    return absl::InvalidArgumentError("empty: a log-mel spectrogram needs at least one sample");
  if (!(settings.floor > 0)) {
    return absl::InvalidArgumentError(absl::StrCat("a log-mel floor must be above 0: ", settings.floor));
  }
  RETURN_IF_ERROR(CheckFinite(audio));
  ASSIGN_OR_RETURN(ShortTimeSpectrum spectrum, ShortTimeSpectrum::Create(settings.sizes));
  ASSIGN_OR_RETURN(const MelFilters filters,
                   MelFilters::Create(sample_rate_hz, settings.sizes.transform, settings.range));
  LogMelSpectrogram result;
  result.bands = filters.bands();
  result.frames = spectrum.FrameCount(static_cast<int64_t>(audio.size()));
  result.values.resize(static_cast<size_t>(result.frames) * result.bands);
  const auto scale = spectrum.power_scale();
  const auto floor = static_cast<float>(settings.floor);
  spectrum.ForEachFrame(audio, [&](int64_t frame, absl::Span<const float> power) {
    const auto row = absl::MakeSpan(result.values).subspan(frame * result.bands, result.bands);
    filters.Apply(power, row);
    for (float& value : row) value = std::log(value * scale + floor);
  });
  return result;
}

}  // namespace consort::trainer
