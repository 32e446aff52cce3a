// Which recordings to train on where an archive has more than it can use, and why those.
#ifndef CONSORT_NODE_TRAINER_TRAINING_SELECTION_H_
#define CONSORT_NODE_TRAINER_TRAINING_SELECTION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

// A recording as a point among others. Coordinates in units that may be compared; NaN where the recording has
// no such value, which counts as the mean of those that have it.
struct Candidate {
  std::vector<double> point;
  double seconds = 0;  // > 0
};

struct Chosen {
  size_t recording = 0;  // index of the candidate
  std::string reason;    // one sentence for the archive's staff; recordings by number, counted from 1
};

// All take candidates of one dimension and return those chosen in order of choice, together at most
// `most_seconds` long. A recording that no longer fits is passed over for the next best. Of equally good ones
// the first is taken, so that the same candidates give the same choice. Errors: InvalidArgument for no
// candidates, points of different lengths, infinite coordinates, or seconds that are not above 0;
// FailedPrecondition "no-usable-recording: ..." if no recording is short enough.

// Covers what there is, rare sounds too: begins next to the mean of all and takes, each time, the recording
// farthest from those chosen (greedy k-centre, Gonzalez 1985, Theoretical Computer Science 38: its radius is
// at most twice the smallest one). Ends early when the rest is the same as what is chosen.
absl::StatusOr<std::vector<Chosen>> SelectByCoverage(absl::Span<const Candidate> candidates,
                                                     double most_seconds);

// Resembles what there is on the whole: takes, each time, the recording that brings the mean of those chosen
// nearest to the mean of all (herding, Welling 2009, in the form in which it minimises that distance
// greedily, Chen, Welling and Smola 2010, section 4; without repetition).
absl::StatusOr<std::vector<Chosen>> SelectByHerding(absl::Span<const Candidate> candidates,
                                                    double most_seconds);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_SELECTION_H_
