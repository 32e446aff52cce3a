// Turns a stream of samples into descriptors, frame by frame, in memory that does not grow.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_EXTRACTOR_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_EXTRACTOR_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/descriptors/chroma.h"
#include "node/trainer/descriptors/descriptor_track.h"
#include "node/trainer/descriptors/loudness_meter.h"
#include "node/trainer/descriptors/mel_filters.h"
#include "node/trainer/descriptors/onsets.h"
#include "node/trainer/descriptors/pitch_tracker.h"
#include "node/trainer/descriptors/short_time_spectrum.h"

namespace consort::trainer {

// What is known of a recording only as a whole.
struct RecordingTotals {
  int64_t samples = 0;
  double seconds = 0;
  double integrated_lufs = kSilenceLufs;
  FineChroma fine_chroma = {};
};

// Spectra and pitch use the same frames: the shortest power of two that holds two and a half periods of the
// lowest pitch (2048 samples at 44.1 and 48 kHz), with a Hann window for the spectra. Beyond either end there
// is silence. How the samples are divided into calls of Add makes no difference. Not thread-safe.
class DescriptorExtractor {
 public:
  // Errors: InvalidArgument for a rate outside 8 to 192 kHz.
  static absl::StatusOr<DescriptorExtractor> Create(int sample_rate_hz);

  // `samples`: mono, full scale = 1. Errors: InvalidArgument "not-finite" (nothing is then added);
  // FailedPrecondition after Finish.
  absl::Status Add(absl::Span<const float> samples);
  // Ends the stream: the last frames become available. Errors: InvalidArgument "empty" if there were no
  // samples; FailedPrecondition the second time.
  absl::StatusOr<RecordingTotals> Finish();
  // The frames that were completed since the last call; call it often enough to bound what is kept.
  DescriptorTrack Take();

 private:
  DescriptorExtractor(int sample_rate_hz, ShortTimeSpectrum spectrum, MelFilters filters, PitchTracker pitch,
                      LoudnessMeter loudness);
  void CompleteFrames();
  void CompleteFrame(int64_t centre);
  absl::Span<const float> Samples(int64_t begin, int64_t end) const;

  int sample_rate_hz_;
  int64_t lookahead_;  // samples behind a frame's centre that its loudness needs
  ShortTimeSpectrum spectrum_;
  MelFilters filters_;
  PitchTracker pitch_;
  LoudnessMeter loudness_;
  SpectralFlux flux_;

  bool finished_ = false;
  RecordingTotals totals_;
  std::vector<float> buffer_;  // samples from buffer_begin_ on
  int64_t buffer_begin_;
  int64_t metered_ = 0;  // samples that loudness_ has heard
  int64_t next_frame_ = 0;
  std::vector<float> band_powers_;
  std::vector<SpectralPeak> peaks_;
  DescriptorTrack track_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_EXTRACTOR_H_
