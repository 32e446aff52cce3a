// What the daemon knows about each piece of work, on disk, so that a kill at any moment loses nothing
// finished.
#ifndef CONSORT_NODE_DAEMON_TASK_STORE_H_
#define CONSORT_NODE_DAEMON_TASK_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort::node {

// A record appears whole or not at all, and is synced before the call returns.
enum class Record {
  kTask,     // the envelope that asked for the work
  kTrained,  // facts about a finished training; the values lie beside it
  kResult,   // what the trainer said about it: serialized TrainResult
  kPayload,  // digest and size of the finished payload; the payload lies beside it
  kScores,   // what the trainer found in an evaluation
  kPlan,     // serialized Plan of a job
  kAnswer,   // the message that answered a job offer
  kEntry,    // the signed ledger entry
  kVerdict,  // the coordinator's verdict, receipt included
  kFailure,  // the message that said why the work failed
};

// One folder a task, named by its id (a participation, an evaluation task or a job). Calls for different ids
// may come from different threads; calls for one id from one thread at a time.
class TaskStore {
 public:
  // Creates `directory` if missing. Errors: the disk's.
  static absl::StatusOr<TaskStore> Open(const std::string& directory);

  // Ids come from the network and become folder names: 1 to 64 of a-z, 0-9 and '-'. Errors: InvalidArgument.
  static absl::Status CheckId(absl::string_view id);

  // Synced, except kTrained. Errors of all: InvalidArgument as CheckId; the disk's.
  absl::Status Write(absl::string_view id, Record record, absl::string_view bytes) const;
  // Errors: NotFound too.
  absl::StatusOr<std::string> Read(absl::string_view id, Record record) const;
  bool Has(absl::string_view id, Record record) const;
  // What is missing is no error.
  absl::Status Remove(absl::string_view id, Record record) const;

  // Where large files of a task lie: float32 values of a training, and the encoded payload. The folder exists
  // once any record was written.
  std::string ValuesPath(absl::string_view id) const;
  std::string PayloadPath(absl::string_view id) const;
  // Removes values and payload: nobody will ask for them again.
  absl::Status RemoveLargeFiles(absl::string_view id) const;
  // The payload was delivered. Its file stays, one for all tasks: writing values over it costs a tenth of a
  // new file's time, since disk and memory for it are there already.
  absl::Status KeepSpare(absl::string_view id) const;
  // Puts the spare file, if there is one, where the values of a task go. What it holds means nothing.
  absl::Status TakeSpare(absl::string_view id) const;
  absl::Status RemoveSpare() const;
  // The work is over for good: removes everything but the verdict, whose receipt is the archive's proof that
  // its entry was accepted.
  absl::Status Retire(absl::string_view id) const;
  absl::StatusOr<std::vector<std::string>> List() const;  // ids

 private:
  explicit TaskStore(std::string directory) : directory_(std::move(directory)) {}
  std::string FolderOf(absl::string_view id) const;
  std::string SparePath() const;

  std::string directory_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_TASK_STORE_H_
