// How far an entry has come: stored, under a signed checkpoint, or under one that a quorum of witnesses has
// cosigned. Which cosignatures count is judged here, for the coordinator, nodes and verifiers alike.
#ifndef CONSORT_COMMON_LEDGER_COSIGNED_STATE_H_
#define CONSORT_COMMON_LEDGER_COSIGNED_STATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/note.h"
#include "common/ledger/policy.h"

namespace consort::ledger {

enum class EntryState { kDurable, kSealed, kWitnessed };
absl::string_view EntryStateName(EntryState state);  // "durable", "sealed", "witnessed"

// Of the stored entry at `index`, given the sizes of the newest signed and the newest witnessed checkpoint.
EntryState StateOf(uint64_t index, uint64_t sealed_size, uint64_t witnessed_size);

// A witness's clock may be this far ahead of the reader's.
inline constexpr absl::Duration kMaxClockAhead = absl::Seconds(300);

struct ClockRule {
  // The reader's time; the infinite future asks nothing of clocks.
  absl::Time now = absl::InfiniteFuture();
  // False: a cosignature more than kMaxClockAhead ahead of `now` does not count. True, for programs whose own
  // clock may be wrong while nobody looks: it counts all the same unless it is as far ahead of the median of
  // the other witnesses' as well. One wrong clock, whoever's, then drops one witness at most.
  bool own_clock_may_be_wrong = false;
  // The newest cosignature that counts must not be older.
  absl::Duration max_age = absl::InfiniteDuration();
};

struct Judgement {
  bool quorum = false;
  bool fresh = false;                // by ClockRule::max_age; true without one
  std::vector<std::string> counted;  // KeyIds of the policy's witnesses, in the policy's order
  std::vector<std::string> ahead;    // those dropped for their clocks
  std::vector<std::string> missing;  // those that have not cosigned
  int64_t newest_unix_seconds = 0;   // of those that count; 0: none
};

// `cosigned`: good cosignatures of one checkpoint. Those of strangers to the policy count for nothing.
Judgement Judge(const Policy& policy, absl::Span<const GoodSignature> cosigned, const ClockRule& clock);

// Errors: FailedPrecondition saying who is missing or whose clock is ahead, if the quorum is not reached or
// not fresh.
absl::Status CheckWitnessed(const Judgement& judgement);

struct JudgedCheckpoint {
  OpenedCheckpoint opened;
  Judgement judgement;
};
// Opens a note with the keys of the policy and judges its cosignatures. A quorum that is not reached is not
// an error. Errors: as OpenCheckpoint.
absl::StatusOr<JudgedCheckpoint> OpenJudged(absl::string_view note, const Policy& policy,
                                            const ClockRule& clock);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_COSIGNED_STATE_H_
