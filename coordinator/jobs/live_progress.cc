#include "coordinator/jobs/live_progress.h"

namespace consort::coordinator {

void RateMeter::Note(absl::Duration now, uint64_t total) {
  if (!samples_.empty() && total < samples_.back().second) samples_.clear();  // begun again
  // One sample is kept from before the window, so that the rate spans the whole of it.
  while (samples_.size() > 1 && samples_[1].first <= now - kWindow) samples_.pop_front();
  const bool crowded =
      samples_.size() > 1 && now - samples_[samples_.size() - 2].first < kWindow / kMaxSamples;
  if (crowded) {
    samples_.back() = {now, total};
  } else {
    samples_.emplace_back(now, total);
  }
}

double RateMeter::BytesPerSecond(absl::Duration now) const {
  if (samples_.size() < 2 || samples_.back().first < now - kWindow) return 0;
  const double seconds = absl::ToDoubleSeconds(now - samples_.front().first);
  if (seconds <= 0) return 0;
  return static_cast<double>(samples_.back().second - samples_.front().second) / seconds;
}

}  // namespace consort::coordinator
