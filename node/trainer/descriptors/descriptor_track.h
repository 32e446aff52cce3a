// What a recording sounds like, frame by frame.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_TRACK_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_TRACK_H_

#include <cstdint>
#include <vector>

#include "node/trainer/descriptors/chroma.h"
#include "node/trainer/descriptors/onsets.h"

namespace consort::trainer {

// Frames 10 ms apart (sample rate / 100, rounded to whole samples): frame i is centred on sample i * hop, and
// the last centre is before the recording's end. NaN stands for no value. All vectors have one length.
struct DescriptorTrack {
  int64_t first_frame = 0;  // number of the first of these frames in the recording
  double hop_seconds = 0;
  std::vector<float> loudness_lufs;  // K-weighted, of the 400 ms about the frame; at least -100
  std::vector<float> centroid_hz;    // NaN without sound
  std::vector<float> flatness_db;    // NaN without sound
  std::vector<float> pitch_hz;       // NaN where unvoiced
  std::vector<float> aperiodicity;   // of the best period found: 0 periodic, about 1 noise or silence
  std::vector<OnsetStrength> onset_strength;  // no rise in frames that reach beyond the end
  std::vector<Chroma> chroma;                 // all 0 without peaks

  int64_t frames() const { return static_cast<int64_t>(loudness_lufs.size()); }
};

// Times in seconds at which notes begin in a whole recording's track.
std::vector<double> OnsetTimes(const DescriptorTrack& track);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIPTOR_TRACK_H_
