// Any bytes as a manifest: refused with a status, or accepted with the one spelling that we write, and with
// terms under which no sum can overflow.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/update/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view json(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<consort::Manifest> manifest = consort::Manifest::Parse(json);
  if (!manifest.ok()) return 0;
  if (manifest->json() != json) std::abort();
  const consort::Manifest::Terms& terms = manifest->terms();
  const int64_t most = INT32_MAX;
  if (manifest->delta_limit() * terms.cohort_bound > most) std::abort();
  if (int64_t{terms.max_weight} * terms.cohort_bound > most) std::abort();
  int64_t coordinates = 1;
  for (const consort::Segment& segment : manifest->segments()) {
    coordinates += segment.size();
    const bool statistic = segment.kind == consort::SegmentKind::kStatistic;
    if (statistic && segment.bound / segment.quantum * terms.cohort_bound > most) std::abort();
  }
  if (coordinates != manifest->coordinates()) std::abort();
  return 0;
}
