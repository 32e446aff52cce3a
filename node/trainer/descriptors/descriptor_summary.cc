#include "node/trainer/descriptors/descriptor_summary.h"

#include <cmath>
#include <optional>

#include "absl/types/span.h"
#include "node/trainer/descriptors/vibrato.h"

namespace consort::trainer {
namespace {

constexpr float kSoundingLufs = -70;
constexpr float kLargestStepCents =
    100;  // between frames 10 ms apart; more is another note or an octave error
constexpr double kStretchStepSeconds = 0.1;

double ShareOf(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

SummaryBuilder::SummaryBuilder()
    : loudness_(-100, 20, 2400),
      centroid_(0, 24000, 4000),
      flatness_(-100, 0, 2000),
      pitch_(30, 110, 8000),
      vibrato_rate_(3, 9, 600),
      vibrato_extent_(0, 500, 1000) {}

void SummaryBuilder::Add(const DescriptorTrack& track) {
  for (int64_t i = 0; i < track.frames(); ++i) {
    ++frames_;
    onset_picker_.Add(track.onset_strength[i]);
    const bool sounding = track.loudness_lufs[i] > kSoundingLufs;
    const float pitch_hz = track.pitch_hz[i];
    AddPitch(sounding ? pitch_hz : std::nanf(""), 1 / track.hop_seconds);
    if (!sounding) continue;
    ++sounding_;
    loudness_.Add(track.loudness_lufs[i]);
    centroid_.Add(track.centroid_hz[i]);
    flatness_.Add(track.flatness_db[i]);
  }
  std::vector<int64_t> onsets;
  onset_picker_.Take(/*at_end=*/false, onsets);
  onset_count_ += static_cast<int64_t>(onsets.size());
}

void SummaryBuilder::AddPitch(float pitch_hz, double frames_per_second) {
  if (std::isnan(pitch_hz)) {
    run_.clear();
    return;
  }
  ++voiced_;
  const double semitones = 69 + 12 * std::log2(pitch_hz / 440.0);
  pitch_.Add(semitones);
  const auto cents = static_cast<float>(100 * semitones);
  if (!run_.empty() && std::abs(cents - run_.back()) > kLargestStepCents) run_.clear();
  run_.push_back(cents);
  if (static_cast<double>(run_.size()) < kVibratoSeconds * frames_per_second) return;
  ++stretches_;
  if (const std::optional<Vibrato> vibrato = FindVibrato(run_, frames_per_second)) {
    vibrato_rate_.Add(vibrato->rate_hz);
    vibrato_extent_.Add(vibrato->extent_cents);
  }
  run_.erase(run_.begin(), run_.begin() + std::lround(kStretchStepSeconds * frames_per_second));
}

DescriptorSummary SummaryBuilder::Finish(const RecordingTotals& totals) && {
  std::vector<int64_t> onsets;
  onset_picker_.Take(/*at_end=*/true, onsets);
  onset_count_ += static_cast<int64_t>(onsets.size());
  DescriptorSummary summary;
  summary.seconds = totals.seconds;
  summary.frames = frames_;
  summary.sounding_share = ShareOf(sounding_, frames_);
  summary.voiced_share = ShareOf(voiced_, sounding_);
  summary.integrated_lufs = totals.integrated_lufs;
  summary.loudness_lufs = loudness_.Summary();
  summary.centroid_hz = centroid_.Summary();
  summary.flatness_db = flatness_.Summary();
  summary.pitch_semitones = pitch_.Summary();
  summary.vibrato_hz = vibrato_rate_.Summary();
  summary.vibrato_cents = vibrato_extent_.Summary();
  summary.vibrato_share = ShareOf(summary.vibrato_hz.count, stretches_);
  summary.onsets = onset_count_;
  summary.onsets_per_second = static_cast<double>(onset_count_) / totals.seconds;
  summary.tuning_cents = TuningCents(totals.fine_chroma);
  summary.chroma = TunedChroma(totals.fine_chroma, summary.tuning_cents);
  return summary;
}

}  // namespace consort::trainer
