// Which cosignatures count for which checkpoint, by the keys and policies that the ledger itself names.
// Values in, values out: nothing is stored or sent here.
#ifndef CONSORT_COORDINATOR_WITNESS_CHECKPOINT_JUDGE_H_
#define CONSORT_COORDINATOR_WITNESS_CHECKPOINT_JUDGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/ledger/cosigned_state.h"
#include "coordinator/ledger/live_rules.h"
#include "coordinator/store/rows.h"

namespace consort::coordinator {

ledger::GoodSignature SignatureOf(const CosignatureRow& row);
// The coordinator's own clock may be wrong while nobody looks (docs/decisions/0012).
ledger::ClockRule ClockAt(absl::Time now);

// Opens one line of an archive's answer. Errors: Unauthenticated unless the archive's mirror key that counts
// for the checkpoint's size has cosigned its text with it.
absl::StatusOr<ledger::GoodSignature> OpenCosignature(const LiveRules& rules, const CheckpointRow& checkpoint,
                                                      const std::string& archive, const std::string& line);

// Whether a quorum of every policy that the checkpoint must meet has cosigned it: the newest policy that it
// covers and, if that is newer than the checkpoint of `witnessed_size`, which was witnessed last, the one
// before it, so that no change of policy leaves room for a second history. A policy that people wrote down
// counts by itself: how a federation goes on whose witnesses are gone. False where no policy is in force.
// Errors: InvalidArgument for a policy that does not parse.
absl::StatusOr<bool> IsWitnessed(const LiveRules& rules, uint64_t size, uint64_t witnessed_size,
                                 const std::vector<CosignatureRow>& cosigned, absl::Time now);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_WITNESS_CHECKPOINT_JUDGE_H_
