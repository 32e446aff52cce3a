// How a job's objective changes what archives weigh, from the losses of the rounds before. Weights are public
// integers that round-open states, so every objective works under masked sums as it does without.
#ifndef CONSORT_COORDINATOR_AGGREGATION_OBJECTIVE_H_
#define CONSORT_COORDINATOR_AGGREGATION_OBJECTIVE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "consort/v1/job.pb.h"

namespace consort::coordinator {

// What one archive said about one round: the loss of each of its traditions under the state that the round
// began with.
struct ArchiveLosses {
  std::string archive;
  std::map<std::string, double> by_tradition;  // all >= 0; not empty
};
// The rounds of a job so far, oldest first.
using LossHistory = std::vector<std::vector<ArchiveLosses>>;

// By what a share is multiplied; 1 for names that are absent.
struct ObjectiveFactors {
  std::map<std::string, double> archives;
  std::map<std::string, double> traditions;

  double Of(const std::string& archive, const std::string& tradition) const;
};

// WEIGHTED: no factors. Q_FAIR: (loss / largest loss)^fairness of each archive, from the newest round in
// which it told one, its traditions counting the same: the weights of q-FFL (Li et al. 2020, arXiv
// 1905.10497, equation 2) with the step normalised to a weighted mean. MINIMAX: exp(rate * sum over rounds of
// loss / first loss) of each tradition, over the largest, the mean over archives each round: exponentiated
// gradient ascent on the weights of agnostic federated learning (Mohri et al. 2019, arXiv 1902.00146), on
// losses relative to where the tradition began, so that a tradition that is hard to model from the start does
// not take all. NO_HARM: of each tradition exp(m), where m starts at 0 and every round adds rate * (loss /
// first loss - 0.97) within [0, ln 10]: dual ascent on the constraints that every tradition's loss falls at
// least 3 % below the one that the job began with, on the recordings it is trained on, so that on others it
// does not rise above it (multipliers as in Shen et al. 2022, "An Agnostic Approach to Federated
// Learning with Class Imbalance", ICLR, kept in their logarithm). Archives and traditions that told nothing
// yet count as the mean of the others. Pure.
ObjectiveFactors FactorsOf(const v1::JobSpec& spec, const LossHistory& history);

// What a job's objective reveals beside the updates, for people: empty for WEIGHTED.
std::string RevealedBy(v1::Objective objective);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_OBJECTIVE_H_
