#include "node/trainer/families/segment_descriptors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "common/status/macros.h"
#include "node/trainer/descriptors/descriptor_extractor.h"
#include "node/trainer/descriptors/vibrato.h"

namespace consort::trainer {
namespace {

constexpr float kSoundingLufs = -70;
constexpr int kFewestPitches = 10;  // frames; with fewer a segment has no pitch
constexpr double kLargestStepCents =
    100;                       // between frames 10 ms apart; more is another note or an octave error
constexpr int kIntervals = 6;  // up to the tritone; larger ones are their inversions
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// In the order of the values that SegmentReader appends.
constexpr std::array<SegmentDescriptor, kSegmentDescriptors> kDescriptors = {{
    {"loudness", "LUFS", "K-weighted loudness, mean", -70, 0},
    {"loudness_spread", "LU", "standard deviation of the loudness", 0, 20},
    {"loudness_slope", "LU/s", "rise of the loudness; negative for a sound that fades", -40, 40},
    {"centroid", "log2 Hz", "spectral centroid (brightness), mean", 7, 13.5},
    {"centroid_spread", "octaves", "standard deviation of the centroid", 0, 1.5},
    {"flatness", "dB", "spectral flatness: 0 noise, far below tones; mean", -80, 0},
    {"flatness_spread", "dB", "standard deviation of the flatness", 0, 20},
    {"aperiodicity", "share", "0 one periodic voice, 1 noise or many voices; mean", 0, 1},
    {"voiced_share", "share", "frames with a pitch", 0, 1},
    {"pitch", "semitones (MIDI)", "fundamental frequency, median", 34, 103},
    {"pitch_spread", "semitones", "standard deviation of the pitch", 0, 12},
    {"pitch_motion", "semitones/s", "how fast the pitch glides within notes, mean", 0, 30},
    {"vibrato", "0 or 1", "there is an unbroken note with vibrato", 0, 1},
    {"vibrato_rate", "Hz", "rate of the vibrato", 4, 8},
    {"vibrato_extent", "cents", "amplitude of the vibrato", 0, 200},
    {"onset_density", "1/s", "beginnings of notes", 0, 12},
    {"pitch_classes", "classes", "exp of the entropy of the chroma: how many of the twelve sound", 1, 12},
    {"interval_semitone", "ratio", "chroma a semitone apart sounding together or in turn", 0, 1},
    {"interval_tone", "ratio", "the same, a whole tone", 0, 1},
    {"interval_minor_third", "ratio", "the same, a minor third", 0, 1},
    {"interval_major_third", "ratio", "the same, a major third", 0, 1},
    {"interval_fourth", "ratio", "the same, a fourth or a fifth", 0, 1},
    {"interval_tritone", "ratio", "the same, a tritone", 0, 1},
}};

struct Moments {
  double mean = kNone;
  double spread = kNone;
};

Moments MomentsOf(const std::vector<double>& values) {
  if (values.empty()) return {};
  Moments moments{0, 0};
  for (const double value : values) moments.mean += value / static_cast<double>(values.size());
  for (const double value : values) {
    moments.spread += (value - moments.mean) * (value - moments.mean) / static_cast<double>(values.size());
  }
  moments.spread = std::sqrt(moments.spread);
  return moments;
}

// Least squares over equal distances.
double SlopePerFrame(const std::vector<double>& values) {
  const double middle = (static_cast<double>(values.size()) - 1) / 2;
  double products = 0, squares = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    products += (static_cast<double>(i) - middle) * values[i];
    squares += (static_cast<double>(i) - middle) * (static_cast<double>(i) - middle);
  }
  return squares > 0 ? products / squares : 0;
}

// Describes frames [begin, end) of a track.
class SegmentReader {
 public:
  SegmentReader(const DescriptorTrack& track, int64_t begin, int64_t end)
      : track_(track), begin_(begin), end_(end) {
    for (int64_t frame = begin; frame < end; ++frame) {
      if (track.loudness_lufs[frame] > kSoundingLufs) sounding_.push_back(frame);
    }
  }

  bool Sounds() const {
    return static_cast<double>(sounding_.size()) >= kSoundingShare * static_cast<double>(end_ - begin_);
  }

  SegmentPoint Point(int64_t onsets) {
    AddSpectrum();
    AddPitch();
    Add(static_cast<double>(onsets) / (static_cast<double>(end_ - begin_) * track_.hop_seconds));
    AddChroma();
    return point_;
  }

 private:
  void Add(double value) {
    const SegmentDescriptor& descriptor = kDescriptors[next_];
    const double share = (value - descriptor.low) / (descriptor.high - descriptor.low);
    // clamp lets NaN pass, which stands for no value.
    point_[next_++] = static_cast<float>(2 * std::clamp(share, 0.0, 1.0) - 1);
  }
  void Add(const Moments& moments) {
    Add(moments.mean);
    Add(moments.spread);
  }

  void AddSpectrum() {
    std::vector<double> loudness, centroid, flatness, aperiodicity;
    for (const int64_t frame : sounding_) {
      loudness.push_back(track_.loudness_lufs[frame]);
      aperiodicity.push_back(std::min(track_.aperiodicity[frame], 1.0f));
      if (std::isnan(track_.centroid_hz[frame])) continue;
      centroid.push_back(std::log2(std::max(track_.centroid_hz[frame], 1.0f)));
      flatness.push_back(track_.flatness_db[frame]);
    }
    Add(MomentsOf(loudness));
    Add(SlopePerFrame(loudness) / track_.hop_seconds);
    Add(MomentsOf(centroid));
    Add(MomentsOf(flatness));
    Add(MomentsOf(aperiodicity).mean);
  }

  void AddPitch() {
    std::vector<double> semitones, steps, run, longest;
    for (int64_t frame = begin_; frame < end_; ++frame) {
      if (std::isnan(track_.pitch_hz[frame]) || track_.loudness_lufs[frame] <= kSoundingLufs) {
        run.clear();
        continue;
      }
      const double value = 69 + 12 * std::log2(track_.pitch_hz[frame] / 440.0);
      if (!run.empty()) {
        const double step = std::abs(value - run.back());
        if (100 * step > kLargestStepCents) {
          run.clear();
        } else {
          steps.push_back(step / track_.hop_seconds);
        }
      }
      semitones.push_back(value);
      run.push_back(value);
      if (run.size() > longest.size()) longest = run;
    }
    const bool pitched = semitones.size() >= kFewestPitches;
    Add(static_cast<double>(semitones.size()) / static_cast<double>(sounding_.size()));
    const double spread = MomentsOf(semitones).spread;
    if (pitched)
      std::nth_element(semitones.begin(), semitones.begin() + semitones.size() / 2, semitones.end());
    Add(pitched ? semitones[semitones.size() / 2] : kNone);
    Add(pitched ? spread : kNone);
    Add(pitched ? MomentsOf(steps).mean : kNone);
    AddVibrato(longest);
  }

  void AddVibrato(const std::vector<double>& run) {
    const std::vector<float> cents = [&] {
      std::vector<float> scaled;
      for (const double value : run) scaled.push_back(static_cast<float>(100 * value));
      return scaled;
    }();
    std::optional<Vibrato> vibrato;
    if (static_cast<double>(cents.size()) * track_.hop_seconds >= kVibratoSeconds) {
      vibrato = FindVibrato(cents, 1 / track_.hop_seconds);
    }
    Add(vibrato.has_value() ? 1 : 0);
    Add(vibrato.has_value() ? vibrato->rate_hz : kNone);
    Add(vibrato.has_value() ? vibrato->extent_cents : kNone);
  }

  void AddChroma() {
    std::array<double, kPitchClasses> shares = {};
    double total = 0;
    for (const int64_t frame : sounding_) {
      for (int c = 0; c < kPitchClasses; ++c) shares[c] += track_.chroma[frame][c];
    }
    for (const double share : shares) total += share;
    double entropy = 0, squares = 0;
    for (double& share : shares) {
      share = total > 0 ? share / total : 0;
      if (share > 0) entropy -= share * std::log(share);
      squares += share * share;
    }
    Add(total > 0 ? std::exp(entropy) : kNone);
    // The chroma's autocorrelation: which intervals its notes make, whatever the key.
    for (int interval = 1; interval <= kIntervals; ++interval) {
      double product = 0;
      for (int c = 0; c < kPitchClasses; ++c) product += shares[c] * shares[(c + interval) % kPitchClasses];
      Add(total > 0 ? product / squares : kNone);
    }
  }

  const DescriptorTrack& track_;
  int64_t begin_, end_;
  std::vector<int64_t> sounding_;
  SegmentPoint point_ = {};
  int next_ = 0;
};

}  // namespace

const std::array<SegmentDescriptor, kSegmentDescriptors>& SegmentDescriptors() { return kDescriptors; }

std::vector<PlacedSegment> PlaceSegments(const DescriptorTrack& track) {
  const std::vector<double> onsets = OnsetTimes(track);
  auto next_onset = onsets.begin();
  std::vector<PlacedSegment> segments;
  for (int64_t begin = 0; begin + kShortestSegment <= track.frames(); begin += kSegmentFrames) {
    const int64_t end = std::min<int64_t>(begin + kSegmentFrames, track.frames());
    const auto first = next_onset;
    const double end_seconds = (static_cast<double>(track.first_frame + end) - 0.5) * track.hop_seconds;
    next_onset = std::lower_bound(first, onsets.end(), end_seconds);
    SegmentReader reader(track, begin, end);
    if (reader.Sounds()) segments.push_back({begin / kSegmentFrames, reader.Point(next_onset - first)});
  }
  return segments;
}

std::vector<SegmentPoint> DescribeSegments(const DescriptorTrack& track) {
  std::vector<SegmentPoint> points;
  for (const PlacedSegment& segment : PlaceSegments(track)) points.push_back(segment.point);
  return points;
}

absl::StatusOr<std::vector<PlacedSegment>> PlaceSegments(absl::Span<const float> audio, int sample_rate_hz) {
  ASSIGN_OR_RETURN(DescriptorExtractor extractor, DescriptorExtractor::Create(sample_rate_hz));
  RETURN_IF_ERROR(extractor.Add(audio));
  RETURN_IF_ERROR(extractor.Finish().status());
  return PlaceSegments(extractor.Take());
}

absl::StatusOr<std::vector<SegmentPoint>> DescribeSegments(absl::Span<const float> audio,
                                                           int sample_rate_hz) {
  ASSIGN_OR_RETURN(const std::vector<PlacedSegment> segments, PlaceSegments(audio, sample_rate_hz));
  std::vector<SegmentPoint> points;
  for (const PlacedSegment& segment : segments) points.push_back(segment.point);
  return points;
}

}  // namespace consort::trainer
