// The family descriptor-mixture: for each tradition a Gaussian mixture over what a second of its music is
// like. No network; learnt exactly as if all recordings lay in one place; every parameter readable.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_DESCRIPTOR_MIXTURE_H_
#define CONSORT_NODE_TRAINER_FAMILIES_DESCRIPTOR_MIXTURE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "node/trainer/families/example_library.h"
#include "node/trainer/families/family.h"
#include "node/trainer/families/mixture_state.h"

namespace consort::trainer {

// FamilyTerms: `traditions` and model.components (1 to 64 a tradition) are used; the seed moves components
// apart. Of FitTerms nothing is used: one round is one iteration of expectation-maximisation over all of an
// archive's recordings of those traditions, and the state is the sum of sufficient statistics. Round 1 counts
// all components alike, so that after it each mixture is one Gaussian; round 2 moves them apart. What is sent
// is not clipped and not weighted: a longer recording counts for more.
//
// Encode gives the scaled descriptors of each second, [kSegmentDescriptors, seconds], NaN replaced by 0.
// Classify is Bayes' rule with equal priors, so that a small repertoire is not outvoted by a large one; the
// probabilities of a recording are the means of its seconds' (one odd second cannot decide). A tradition
// without a recording has probability 0; silence, or a model that has learnt nothing, gives equal
// probabilities. Reconstruct and Generate are not offered: the model holds no sound.
//
// What Fit found in a recording is remembered for the job's next rounds, as long as its audio is the same.
const Family& DescriptorMixture();

// The same model with an archive's released examples, which what it says is put together from
// (families/unit_path.h). Reconstruct follows a recording's descriptors second by second. Generate walks
// through `tradition`'s mixture; it is not offered if that is empty. Errors: InvalidArgument
// "unknown-tradition: ..." naming those it knows; FailedPrecondition "nothing-learnt: ..." for a tradition,
// or a whole model, without a recording. Of the calls: also those of ChoosePath.
absl::StatusOr<std::unique_ptr<FamilyModel>> MixtureWithExamples(
    MixtureState state, std::shared_ptr<const ExampleLibrary> examples, const std::string& tradition);

// The mixtures of a state, by tradition in its order; empty where nothing has been learnt.
std::vector<std::vector<MixtureComponent>> MixturesOf(const MixtureState& state);
// Those of one tradition or, if that is empty, checks that there are some. Errors: as MixtureWithExamples.
absl::StatusOr<std::vector<MixtureComponent>> KnownMixture(const MixtureState& state,
                                                           const std::string& tradition);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_DESCRIPTOR_MIXTURE_H_
