// Two signed checkpoints of one log side by side: one history, or a log that shows people different ones.
#ifndef CONSORT_COMMON_LEDGER_COMPARE_H_
#define CONSORT_COMMON_LEDGER_COMPARE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/merkle_tree.h"

namespace consort::ledger {

enum class Relation {
  kSame,        // one tree
  kExtends,     // the larger one holds the smaller one's entries first
  kSplitView,   // no tree holds both: the log has lied to somebody
  kCannotTell,  // more is needed; the detail says what
};
absl::string_view RelationName(Relation relation);  // "same", "extends", "split-view", "cannot-tell"

struct Comparison {
  Relation relation = Relation::kCannotTell;
  std::string detail;  // one line for people
  // With kSplitView, all that a stranger needs who trusts the log's key: both notes, each after a line that
  // names it, and for two sizes the larger note as an add-checkpoint body (C2SP tlog-witness), whose proof
  // leads from another root at the smaller size.
  std::string evidence;
};

// `log_keys`: of the log, in force or not: an old key's lie is one. `subtree`: of a stored tree that should
// hold the larger checkpoint's entries, or null. Of equal sizes none is needed. Errors: InvalidArgument for a
// malformed note or notes of two logs; Unauthenticated for a note that no trusted key signed; both name the
// note as a or b. What `subtree` answers is an error of nothing: then one cannot tell.
absl::StatusOr<Comparison> CompareHistories(absl::string_view a, absl::string_view b,
                                            absl::Span<const VerifierKey> log_keys,
                                            const SubtreeHash& subtree);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_COMPARE_H_
