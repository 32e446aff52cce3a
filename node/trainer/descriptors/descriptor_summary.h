// What a recording sounds like as a whole.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_SUMMARY_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_SUMMARY_H_

#include <cstdint>
#include <vector>

#include "node/trainer/descriptors/chroma.h"
#include "node/trainer/descriptors/descriptor_extractor.h"
#include "node/trainer/descriptors/descriptor_track.h"
#include "node/trainer/descriptors/distribution.h"
#include "node/trainer/descriptors/onsets.h"

namespace consort::trainer {

// Statistics are over sounding frames: those whose loudness passes BS.1770's absolute gate of -70 LUFS.
struct DescriptorSummary {
  double seconds = 0;
  int64_t frames = 0;
  double sounding_share = 0;   // of the frames
  double voiced_share = 0;     // of the sounding frames: with a pitch
  double integrated_lufs = 0;  // BS.1770-4, gated; -100 for silence
  Statistics loudness_lufs;    // quantiles to 0.05 LU
  Statistics centroid_hz;      // to 6 Hz
  Statistics flatness_db;      // to 0.05 dB
  Statistics pitch_semitones;  // as MIDI counts, A4 = 440 Hz = 69; to 1 cent
  Statistics vibrato_hz;       // of the stretches with vibrato; to 0.01 Hz
  Statistics vibrato_cents;    // of the same; to 0.5 cents
  double vibrato_share = 0;    // of the stretches of kVibratoSeconds of unbroken pitch, one each 100 ms
  int64_t onsets = 0;
  double onsets_per_second = 0;  // over the whole duration
  double tuning_cents = 0;       // above A4 = 440 Hz, in [-50, 50)
  Chroma chroma = {};            // centred on the recording's own tuning
};

// Sums up a recording's tracks as they come. State does not grow with the recording. Not thread-safe.
class SummaryBuilder {
 public:
  SummaryBuilder();
  // The next frames of the recording: tracks in order, none left out.
  void Add(const DescriptorTrack& track);
  // `totals`: of the same recording.
  DescriptorSummary Finish(const RecordingTotals& totals) &&;

 private:
  void AddPitch(float pitch_hz, double frames_per_second);

  int64_t frames_ = 0, sounding_ = 0, voiced_ = 0;
  Distribution loudness_, centroid_, flatness_, pitch_, vibrato_rate_, vibrato_extent_;
  std::vector<float> run_;  // cents of the latest frames without a break
  int64_t stretches_ = 0;   // looked at for vibrato
  OnsetPicker onset_picker_;
  int64_t onset_count_ = 0;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_SUMMARY_H_
