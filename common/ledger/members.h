// Which members the predicate of each kind must have, and of which type. The tables of docs/formats/ledger.md
// as data; members that stand in no table are kept and not judged.
#ifndef CONSORT_COMMON_LEDGER_MEMBERS_H_
#define CONSORT_COMMON_LEDGER_MEMBERS_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/ledger/entry.h"
#include "nlohmann/json_fwd.hpp"

namespace consort::ledger {

enum class MemberType {
  kText,
  kDigest,        // 64 lower-case hex digits
  kId,            // 32 lower-case hex digits
  kInteger,       // not negative
  kDecimal,       // a decimal number as a string
  kDecimalPairs,  // a list of lists of two decimals
  kList,
  kObject,
};

struct Member {
  const char* path;  // "weight", "prev_head.size", or "cohort[].archive" for each object of a list
  MemberType type;
};

// The members that `kind` must have; empty for what never becomes a leaf.
absl::Span<const Member> MembersOf(Kind kind);

// Errors: InvalidArgument naming the first member that is missing or of another type.
absl::Status CheckMembers(const nlohmann::json& predicate, absl::Span<const Member> members);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_MEMBERS_H_
