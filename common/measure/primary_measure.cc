#include "common/measure/primary_measure.h"

namespace consort {

absl::string_view PrimaryMeasure(absl::string_view architecture) {
  if (architecture == "attribute-vae") return kLogMelDistanceMeasure;
  if (architecture == "descriptor-mixture") return kLogLossMeasure;
  return kSpectralDistanceMeasure;
}

absl::string_view MeasureUnit(absl::string_view measure) {
  if (measure == kLogMelDistanceMeasure) return "ln power";
  if (measure == kLogLossMeasure) return "nat";
  return "distance";
}

}  // namespace consort
