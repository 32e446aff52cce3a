// The manifest of the worked example in docs/formats/update.md: L = 10 ring steps for a clip norm of 2.
#ifndef CONSORT_TESTS_COMMON_UPDATE_EXAMPLE_MANIFEST_H_
#define CONSORT_TESTS_COMMON_UPDATE_EXAMPLE_MANIFEST_H_

#include <utility>
#include <vector>

#include "common/update/manifest.h"

namespace consort::testing {

inline std::vector<Segment> ExampleSegments() {
  return {{"decoder.bias", {2}, SegmentKind::kDelta},
          {"decoder.weight", {2, 1}, SegmentKind::kDelta},
          {"statistics/loss", {1}, SegmentKind::kStatistic, 0.5, 4}};
}

inline Manifest::Terms ExampleTerms() {
  // floor((2^31 - 1) / 214748364) = 10.
  return {.clip_norm = 2, .max_weight = 10, .cohort_bound = 214748364};
}

inline Manifest ExampleManifest() { return Manifest::Create(ExampleSegments(), ExampleTerms()).value(); }

// One delta segment of `coordinates`.
inline Manifest DeltaManifest(int64_t coordinates, double clip_norm, uint32_t max_weight,
                              uint32_t cohort_bound) {
  return Manifest::Create({{"weight", {coordinates}, SegmentKind::kDelta}},
                          {.clip_norm = clip_norm, .max_weight = max_weight, .cohort_bound = cohort_bound})
      .value();
}

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_UPDATE_EXAMPLE_MANIFEST_H_
