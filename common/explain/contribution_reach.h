// What has become of a contribution, in words: lines of a table in English or Chinese.
#ifndef CONSORT_COMMON_EXPLAIN_CONTRIBUTION_REACH_H_
#define CONSORT_COMMON_EXPLAIN_CONTRIBUTION_REACH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/ledger/lineage.h"
#include "common/messages/message_catalogue.h"

namespace consort::explain {

struct ReachLine {
  uint64_t leaf = 0;
  std::string text;
};
// The contribution, its decision, every entry that holds it and every one that marks it, by leaf. Texts are
// plain, not HTML.
std::vector<ReachLine> ReachLines(const ledger::Reach& reach, Language language);

// One sentence: in how many states, releases and later jobs it is, and whether it was withdrawn.
std::string ReachSummary(const ledger::Reach& reach, Language language);

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_CONTRIBUTION_REACH_H_
