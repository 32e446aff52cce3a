// What a family's models are judged by. Trainers compute it, archives sign it and the coordinator checks its
// name.
#ifndef CONSORT_COMMON_MEASURE_PRIMARY_MEASURE_H_
#define CONSORT_COMMON_MEASURE_PRIMARY_MEASURE_H_

#include "absl/strings/string_view.h"

namespace consort {

// Lower is better in each (docs/measures.md).
inline constexpr absl::string_view kSpectralDistanceMeasure = "multi-scale-stft-distance.v1";
inline constexpr absl::string_view kLogMelDistanceMeasure = "log-mel-distance.v1";
inline constexpr absl::string_view kLogLossMeasure = "log-loss.v1";

// The measure of an architecture by its name in a job: that of audio models for names that are not known.
absl::string_view PrimaryMeasure(absl::string_view architecture);

// Its unit: "distance", "ln power" or "nat".
absl::string_view MeasureUnit(absl::string_view measure);

}  // namespace consort

#endif  // CONSORT_COMMON_MEASURE_PRIMARY_MEASURE_H_
