// What a round changed for each tradition: means, interval and verdict, from the scores that archives signed.
#ifndef CONSORT_COORDINATOR_ROUNDS_TRADITION_RESULTS_H_
#define CONSORT_COORDINATOR_ROUNDS_TRADITION_RESULTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "consort/v1/job.pb.h"

namespace consort::coordinator {

using ScorePairs = std::vector<std::pair<double, double>>;  // before, after

// A further measure of a tradition's recordings (docs/measures.md).
struct Measured {
  std::string name;
  ScorePairs pairs;       // one a recording; of a set one
  uint32_t set_size = 0;  // 0: no set
};
struct TraditionPairs {
  std::string tradition;
  ScorePairs pairs;               // one a holdout recording; lower is better
  std::vector<double> yardstick;  // of the same recordings, in another order; may be empty
  std::vector<Measured> measures;
  std::vector<double> personal;  // after, under the archive's own copy, in another order; may be empty
};
struct ArchiveScores {
  std::string archive;
  std::vector<TraditionPairs> traditions;
};

// One result for each tradition at each archive; where several archives hold a tradition, one more over all
// their recordings, with an empty archive, before them. Sorted by tradition, then archive. Improved or
// harmed: the whole interval lies below or above zero; otherwise, and without an interval, unclear. The
// bootstrap is seeded by SHA-256 of `seed_material`, tradition and archive, so that anyone who has the ledger
// finds the same numbers. Measures: of recordings, means and an interval of the difference; of sets, their
// values, of one archive only; of archives' own copies, the mean where each archive has one; from
// predicted-as/<class> the F1 of the tradition, over all archives.
std::vector<v1::TraditionResult> TraditionResults(const std::vector<ArchiveScores>& scores, double level,
                                                  absl::string_view seed_material);

// What seeds the results of one round: "consort.bootstrap.v1" LF job_digest LF round number LF.
std::string BootstrapSeedMaterial(absl::string_view job_digest, uint32_t round);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_TRADITION_RESULTS_H_
