#include "node/trainer/descriptors/descriptor_extractor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "common/status/macros.h"
#include "node/trainer/descriptors/audio_check.h"
#include "node/trainer/descriptors/spectral_shape.h"

namespace consort::trainer {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr double kHalfLoudnessSeconds = 0.2;  // half of the 400 ms that momentary loudness hears
constexpr size_t kPieceSamples = 1 << 14;     // of one call; bounds the buffer
constexpr double kPeriodsInFrame = 2.5;

int FrameSamples(int sample_rate_hz) {
  int samples = 8;
  while (samples < kPeriodsInFrame * std::ceil(sample_rate_hz / kLowestPitchHz)) samples *= 2;
  return samples;
}

}  // namespace

absl::StatusOr<DescriptorExtractor> DescriptorExtractor::Create(int sample_rate_hz) {
  RETURN_IF_ERROR(CheckRate(sample_rate_hz));
  const int frame = FrameSamples(sample_rate_hz);
  const int hop = static_cast<int>(std::lround(sample_rate_hz * kOnsetFrameSeconds));
  ASSIGN_OR_RETURN(ShortTimeSpectrum spectrum,
                   ShortTimeSpectrum::Create({.transform = frame, .hop = hop, .window = frame}));
  ASSIGN_OR_RETURN(MelFilters filters, MelFilters::Create(sample_rate_hz, frame, MelRange()));
  ASSIGN_OR_RETURN(PitchTracker pitch, PitchTracker::Create(sample_rate_hz, frame));
  ASSIGN_OR_RETURN(LoudnessMeter loudness, LoudnessMeter::Create(sample_rate_hz));
  return DescriptorExtractor(sample_rate_hz, std::move(spectrum), std::move(filters), std::move(pitch),
                             std::move(loudness));
}

DescriptorExtractor::DescriptorExtractor(int sample_rate_hz, ShortTimeSpectrum spectrum, MelFilters filters,
                                         PitchTracker pitch, LoudnessMeter loudness)
    : sample_rate_hz_(sample_rate_hz),
      lookahead_(std::lround(kHalfLoudnessSeconds * sample_rate_hz)),
      spectrum_(std::move(spectrum)),
      filters_(std::move(filters)),
      pitch_(std::move(pitch)),
      loudness_(std::move(loudness)),
      flux_(filters_.bands()),
      buffer_(spectrum_.sizes().transform / 2),
      buffer_begin_(-spectrum_.sizes().transform / 2),
      band_powers_(filters_.bands()) {
  track_.hop_seconds = static_cast<double>(spectrum_.sizes().hop) / sample_rate_hz;
}

absl::Status DescriptorExtractor::Add(absl::Span<const float> samples) {
  if (finished_) return absl::FailedPreconditionError("samples came after the end of a recording");
  RETURN_IF_ERROR(CheckFinite(samples));
  for (size_t begin = 0; begin < samples.size(); begin += kPieceSamples) {
    const absl::Span<const float> piece = samples.subspan(begin, kPieceSamples);
    buffer_.insert(buffer_.end(), piece.begin(), piece.end());
    totals_.samples += static_cast<int64_t>(piece.size());
    CompleteFrames();
  }
  return absl::OkStatus();
}

absl::StatusOr<RecordingTotals> DescriptorExtractor::Finish() {
  if (finished_) return absl::FailedPreconditionError("a recording was ended twice");
  if (totals_.samples == 0)
    return absl::InvalidArgumentError("empty: a recording without samples has no descriptors");
  finished_ = true;
  LoudnessMeter whole = loudness_;
  whole.Add(Samples(metered_, totals_.samples));
  totals_.integrated_lufs = whole.Integrated();
  totals_.seconds = static_cast<double>(totals_.samples) / sample_rate_hz_;
  // Just enough silence for the frames whose centre is in the recording.
  const int64_t last_centre = (totals_.samples - 1) / spectrum_.sizes().hop * spectrum_.sizes().hop;
  buffer_.resize(static_cast<size_t>(last_centre + lookahead_ - buffer_begin_));
  CompleteFrames();
  return totals_;
}

DescriptorTrack DescriptorExtractor::Take() {
  DescriptorTrack next;
  next.first_frame = next_frame_;
  next.hop_seconds = track_.hop_seconds;
  return std::exchange(track_, std::move(next));
}

absl::Span<const float> DescriptorExtractor::Samples(int64_t begin, int64_t end) const {
  return absl::MakeConstSpan(buffer_).subspan(begin - buffer_begin_, end - begin);
}

void DescriptorExtractor::CompleteFrames() {
  const int64_t hop = spectrum_.sizes().hop;
  const int64_t end = buffer_begin_ + static_cast<int64_t>(buffer_.size());
  for (; next_frame_ * hop + lookahead_ <= end; ++next_frame_) CompleteFrame(next_frame_ * hop);
  const int64_t needed_from = next_frame_ * hop - spectrum_.sizes().transform / 2;
  buffer_.erase(buffer_.begin(), buffer_.begin() + (needed_from - buffer_begin_));
  buffer_begin_ = needed_from;
}

void DescriptorExtractor::CompleteFrame(int64_t centre) {
  loudness_.Add(Samples(metered_, centre + lookahead_));
  metered_ = centre + lookahead_;
  track_.loudness_lufs.push_back(static_cast<float>(loudness_.Momentary()));

  const int64_t half = spectrum_.sizes().transform / 2;
  const absl::Span<const float> frame = Samples(centre - half, centre + half);
  const absl::Span<const float> power = spectrum_.Power(frame);
  const double bin_hz = static_cast<double>(sample_rate_hz_) / spectrum_.sizes().transform;
  track_.centroid_hz.push_back(SpectralCentroidHz(power, bin_hz));
  track_.flatness_db.push_back(SpectralFlatnessDb(power));

  FindPeaks(power, bin_hz, peaks_);
  track_.chroma.push_back(ChromaOf(peaks_));
  AddTo(totals_.fine_chroma, peaks_);

  filters_.Apply(power, absl::MakeSpan(band_powers_));
  for (float& band : band_powers_) band *= spectrum_.power_scale();
  OnsetStrength strength = flux_.Add(band_powers_);
  // Where a recording breaks off there is a click that nobody played.
  if (finished_ && centre + half > totals_.samples) strength.rise = 0;
  track_.onset_strength.push_back(strength);

  const Pitch pitch = pitch_.Estimate(frame);
  track_.pitch_hz.push_back(pitch.voiced ? static_cast<float>(pitch.hertz) : kNone);
  track_.aperiodicity.push_back(static_cast<float>(pitch.aperiodicity));
}

}  // namespace consort::trainer
