// Which recordings are trained on and which are kept to measure with.
#ifndef CONSORT_NODE_TRAINER_COLLECTION_SPLIT_H_
#define CONSORT_NODE_TRAINER_COLLECTION_SPLIT_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace consort::trainer {

enum class Split { kTraining, kHoldout };

absl::string_view SplitName(Split split);  // "training", "holdout"

// How many of a tradition's recordings are held out: a quarter, at least 3, of 6 or more (3 is the fewest
// that give an interval); 1 of 2 to 5; none of 1.
int HoldoutCount(int recordings);

// Chooses which new recordings of one tradition are held out. `known_training`, `known_holdout`: how many it
// has already; those never move, so that nothing trained on is ever measured with. New ones are held out only
// if the tradition has no holdout yet, by HoldoutCount of all; the first by audio digest are, which nobody
// can steer.
std::set<std::string> ChooseHoldout(std::vector<std::string> new_audio_digests, int known_training,
                                    int known_holdout);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_COLLECTION_SPLIT_H_
