// What a coordinator that lost its disk gets back from an archive's mirror: the entries, checkpoints and
// cosignatures after its newest backup, and an end to everything that was under way.
#ifndef CONSORT_COORDINATOR_APP_RESTORE_MIRROR_H_
#define CONSORT_COORDINATOR_APP_RESTORE_MIRROR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

struct ChosenMirror {
  std::string directory;
  uint64_t size = 0;           // of its newest checkpoint
  std::string note;            // that checkpoint
  uint64_t backup_size = 0;    // entries of the backup
  int64_t backup_seconds = 0;  // when its newest checkpoint was sealed, Unix time
};
// Takes the mirror with the largest checkpoint and verifies it whole, with the log keys that the backup's
// ledger names; the backup's newest checkpoint and those of all other mirrors must be prefixes of it.
// `store`: the backup's database, or a copy. Errors: InvalidArgument without a mirror; NotFound for a folder
// without a ledger; Unauthenticated for one of another log; DataLoss naming the check that failed, or the
// entry in which the backup differs.
absl::StatusOr<ChosenMirror> ChooseMirror(Store& store, const std::vector<std::string>& mirrors);

// Appends the mirror's entries that the store lacks, as they are, with their checkpoints and cosignatures,
// and makes the members' rows fit the keys that those name. In transactions of some thousand entries: the
// store is a copy that nobody uses yet. Errors: those of the store and of reading the mirror.
absl::Status TakeUpMirror(Store& store, const ChosenMirror& mirror);

// Makes archives' rows fit the keys that entries name. `backup_size`, `backup_seconds`: what the ledger held
// when the backup was made, and a time before it. Errors: those of the store.
absl::Status RebuildMembers(Store& store, uint64_t backup_size, int64_t backup_seconds);

struct EndedJobs {
  std::vector<std::string> job_ids;
};
// Ends, by a failed decision with the reason `coordinator-restored`, every job that the ledger or the rows
// hold to be under way, and appends the `incident` entry that says what was restored. One transaction.
// Errors: as Sequencer::AppendOwn.
absl::StatusOr<EndedJobs> EndWhatWasOpen(Store& store, Sequencer& sequencer, const ChosenMirror& mirror);

// The jobs that EndWhatWasOpen would end, were nothing taken from a mirror: for a preview.
absl::StatusOr<std::vector<std::string>> OpenJobs(Store& store);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_RESTORE_MIRROR_H_
