#include "node/trainer/measures/melody_accuracy.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace consort::trainer {

absl::StatusOr<MelodyAccuracy> CompareMelodies(absl::Span<const float> reference_hz,
                                               absl::Span<const float> estimate_hz) {
  if (reference_hz.size() != estimate_hz.size()) {
    return absl::InvalidArgumentError(absl::StrCat("melodies to compare must have one length: reference has ",
                                                   reference_hz.size(), " frames, estimate ",
                                                   estimate_hz.size()));
  }
  constexpr double kOctaveCents = 1200;
  int64_t voiced = 0, right_pitch = 0, right_chroma = 0;
  for (size_t i = 0; i < reference_hz.size(); ++i) {
    if (std::isinf(reference_hz[i]) || std::isinf(estimate_hz[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat("not-finite: a melody has an infinite pitch at frame ", i));
    }
    if (!(reference_hz[i] > 0)) continue;
    ++voiced;
    const double estimate = std::abs(static_cast<double>(estimate_hz[i]));
    if (!(estimate > 0)) continue;
    const double away = std::abs(kOctaveCents * std::log2(estimate / reference_hz[i]));
    const double octaves = std::floor(away / kOctaveCents + 0.5);
    right_pitch += away < kPitchToleranceCents;
    right_chroma += std::abs(away - octaves * kOctaveCents) < kPitchToleranceCents;
  }
  if (voiced == 0) return MelodyAccuracy();
  const auto of = static_cast<double>(voiced);
  return MelodyAccuracy{static_cast<double>(right_pitch) / of, static_cast<double>(right_chroma) / of,
                        voiced};
}

}  // namespace consort::trainer
