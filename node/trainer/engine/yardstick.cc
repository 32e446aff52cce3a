#include "node/trainer/engine/yardstick.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/status/macros.h"
#include "node/trainer/families/concatenation.h"
#include "node/trainer/models/spectral_distance.h"

namespace consort::trainer {

absl::StatusOr<UnitLibrary> Yardstick::MakeLibrary(const std::string& tradition) {
  std::vector<const Recording*> recordings;
  for (const Recording* recording : training_.recordings) {
    if (recording->tradition == tradition) recordings.push_back(recording);
  }
  UnitSettings settings;
  settings.sample_rate_hz = sample_rate_hz_;
  UnitLibrary library(settings);
  if (recordings.empty()) return library;
  const auto each = static_cast<int64_t>(kYardstickSeconds * sample_rate_hz_ / recordings.size());
  for (const Recording* recording : recordings) {
    uses_.push_back({recording->id, 1});
    ASSIGN_OR_RETURN(std::vector<float> audio, training_.collection.Read(*recording, training_.purpose, 0,
                                                                         std::min(recording->samples, each)));
    RETURN_IF_ERROR(library.Add(std::move(audio)).status());
  }
  return library;
}

absl::StatusOr<std::vector<double>> Yardstick::Score(const std::string& tradition,
                                                     absl::Span<const float> audio) {
  auto found = libraries_.find(tradition);
  if (found == libraries_.end()) {
    ASSIGN_OR_RETURN(UnitLibrary library, MakeLibrary(tradition));
    found = libraries_.emplace(tradition, std::move(library)).first;
  }
  const absl::StatusOr<std::vector<float>> output =
      YardstickReconstruction(found->second, audio, /*own=*/std::nullopt);
  if (absl::IsFailedPrecondition(output.status())) return std::vector<double>();
  RETURN_IF_ERROR(output.status());
  ASSIGN_OR_RETURN(const double distance, SpectralDistance(audio, *output));
  return std::vector<double>{std::round(distance * 1e4) / 1e4};
}

}  // namespace consort::trainer
