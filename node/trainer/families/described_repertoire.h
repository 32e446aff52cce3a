// The seconds of an archive's recordings that a mixture learns from.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_DESCRIBED_REPERTOIRE_H_
#define CONSORT_NODE_TRAINER_FAMILIES_DESCRIBED_REPERTOIRE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/trainer/families/family.h"
#include "node/trainer/families/segment_cache.h"
#include "node/trainer/families/segment_descriptors.h"

namespace consort::trainer {

// The seconds of each of `traditions` that sound, in the order of recordings; at most kMostSegments, evenly
// spread over an archive that has more. Tells the repertoire what was heard. What `cache` knows is not read
// again: what a recording is like depends on its audio alone. Errors: Cancelled; those of Repertoire::Read
// and DescribeSegments.
absl::StatusOr<std::vector<std::vector<SegmentPoint>>> DescribeRepertoire(
    const FitContext& context, const std::vector<std::string>& traditions, SegmentCache& cache);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_DESCRIBED_REPERTOIRE_H_
