// One of the coordinator's own keys gives way to another: the steps, each of which may be the last before the
// process ends. The next start chooses keys by what the ledger says, so none of them needs repair.
#ifndef CONSORT_COORDINATOR_APP_KEY_CHANGE_H_
#define CONSORT_COORDINATOR_APP_KEY_CHANGE_H_

#include "absl/status/statusor.h"
#include "common/ledger/key_book.h"
#include "coordinator/app/coordinator_config.h"
#include "coordinator/app/keys.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// The key to rotate to: one on file that no leaf has named (of a rotation that was cut off), or a new one,
// durable in the keys folder before this returns. `purpose`: kLog or kEntries. Errors: those of KeySource.
absl::StatusOr<KeyOnFile> MakeSuccessor(const CoordinatorConfig& config, const ledger::KeyBook& book,
                                        ledger::KeyPurpose purpose);

// Appends `key-rotate` from the key in force to `successor`; durable when this returns. The sequencer signs
// with the keys that it was opened with: it is done for. Errors: FailedPrecondition if two log keys overlap
// already; as AppendOwn.
absl::StatusOr<Appended> AppendRotation(Store& store, Sequencer& sequencer, const CoordinatorKeys& keys,
                                        ledger::KeyPurpose purpose, const SigningKey& successor);

// Appends `key-revoke` of the older log key. The same. Errors: FailedPrecondition unless two overlap; as
// AppendOwn.
absl::StatusOr<Appended> AppendRetirement(Store& store, Sequencer& sequencer, const CoordinatorKeys& keys);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_KEY_CHANGE_H_
