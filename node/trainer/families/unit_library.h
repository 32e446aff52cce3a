// Short pieces of an archive's own recordings, found by what they sound like.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_UNIT_LIBRARY_H_
#define CONSORT_NODE_TRAINER_FAMILIES_UNIT_LIBRARY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

struct UnitSettings {
  int sample_rate_hz = 44100;
  int frames_per_unit = 4;     // even
  int frame_samples = 1024;    // hop of the spectrogram that units are compared by; a power of two from 64 on
  int bands = 32;              // of that spectrogram
  double level_weight = 0.05;  // of a difference in level against one in spectrum; gains are matched later

  int64_t unit_samples() const { return int64_t{frames_per_unit} * frame_samples; }
  int64_t hop_samples() const { return unit_samples() / 2; }
};

// What units are compared by: the log-mel spectrogram of the frames centred within a unit, without its level
// (the mean of all those logarithms), and the level.
struct UnitFeatures {
  int dimensions = 0;
  double level_scale = 1;     // what the level was multiplied by
  std::vector<float> values;  // [units, dimensions]

  int64_t units() const { return dimensions > 0 ? static_cast<int64_t>(values.size()) / dimensions : 0; }
  absl::Span<const float> Unit(int64_t unit) const {
    return absl::MakeConstSpan(values).subspan(unit * dimensions, dimensions);
  }
  double Level(int64_t unit) const { return Unit(unit).back() / level_scale; }
};

// Features of the units that begin at each multiple of `hop_frames` frames; the last ones reach beyond the
// end, where there is silence. Errors: InvalidArgument as LogMel.
absl::StatusOr<UnitFeatures> MeasureUnits(absl::Span<const float> audio, const UnitSettings& settings,
                                          int hop_frames);

// Holds recordings in memory (4 bytes a sample and a tenth of that in features) and searches all of them.
// Thread-safe once nothing is added any more.
class UnitLibrary {
 public:
  explicit UnitLibrary(const UnitSettings& settings) : settings_(settings) {}

  // `audio`: mono, full scale = 1. Recordings shorter than a unit are kept but give none. Returns the
  // recording's number, from 0. Errors: InvalidArgument for no audio or samples that are NaN or infinite.
  absl::StatusOr<size_t> Add(std::vector<float> audio);

  struct Match {
    size_t recording = 0;
    int64_t begin = 0;    // sample
    double level = 0;     // as in its features
    double distance = 0;  // root of the mean square over the features, natural logarithms of power
  };
  // The nearest unit to each of `wanted`, never from `excluded`; the earliest of equally near ones. Errors:
  // FailedPrecondition "no-usable-recording: ..." if there is no unit.
  absl::StatusOr<std::vector<Match>> Nearest(const UnitFeatures& wanted,
                                             std::optional<size_t> excluded) const;

  const UnitSettings& settings() const { return settings_; }
  absl::Span<const float> recording(size_t number) const { return recordings_[number].audio; }
  size_t recordings() const { return recordings_.size(); }

 private:
  struct Recording {
    std::vector<float> audio;
    UnitFeatures features;  // of whole units only
  };
  UnitSettings settings_;
  std::vector<Recording> recordings_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_UNIT_LIBRARY_H_
