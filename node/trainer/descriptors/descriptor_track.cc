#include "node/trainer/descriptors/descriptor_track.h"

namespace consort::trainer {

std::vector<double> OnsetTimes(const DescriptorTrack& track) {
  OnsetPicker picker;
  for (const OnsetStrength& strength : track.onset_strength) picker.Add(strength);
  std::vector<int64_t> frames;
  picker.Take(/*at_end=*/true, frames);
  std::vector<double> times;
  for (const int64_t frame : frames) {
    times.push_back(static_cast<double>(track.first_frame + frame) * track.hop_seconds);
  }
  return times;
}

}  // namespace consort::trainer
