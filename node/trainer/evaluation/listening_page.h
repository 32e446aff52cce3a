// The page that a custodian opens to hear and see what a job's model makes of the archive's recordings.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_LISTENING_PAGE_H_
#define CONSORT_NODE_TRAINER_EVALUATION_LISTENING_PAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace consort::trainer {

struct ListeningExample {
  std::string tradition;
  int number = 0;    // from 1, within the tradition
  std::string stem;  // of its files, which lie beside the page: <stem>-original.wav, <stem>-pictures.png ...
  double seconds = 0;  // how long each of the three is
};

// An HTML document in English and Chinese that needs nothing but the files beside it: no script, no network.
// Names are escaped. Examples in their order, under a heading for each tradition in turn.
std::string ListeningPage(absl::string_view job_name, int round,
                          const std::vector<ListeningExample>& examples);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_LISTENING_PAGE_H_
