// Keeps a folder in step with the ledger: the static export that any web server may serve and that fits on a
// stick. A pure function of the database: a folder that is lost is made again, the same to the byte.
#ifndef CONSORT_COORDINATOR_LEDGER_PUBLISHER_H_
#define CONSORT_COORDINATOR_LEDGER_PUBLISHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/ledger/export.h"
#include "common/sync/executor.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Rows are read on the control executor, in slices; the disk is written elsewhere. Nothing waits for it, and
// a folder that cannot be written stops nothing.
class Publisher {
 public:
  // Runs work on another thread than the executor's, in the order of the calls.
  using RunElsewhere = std::function<void(std::function<void()>)>;
  // Called on the executor after each try: the size that is published, or why it is not.
  using OnTried = std::function<void(const absl::StatusOr<uint64_t>&)>;

  // Entries read at once: some 3 MB, and a few milliseconds of the executor.
  static constexpr uint64_t kSlice = 4096;

  // Store, sequencer and executor are borrowed; they outlive every work that `run_elsewhere` has begun, and
  // the executor goes on until then.
  Publisher(Store& store, Sequencer& sequencer, Executor& executor, std::string directory);
  ~Publisher();

  // Publishes what the folder lacks, and from now on every new checkpoint. Once, on the executor.
  void Start(RunElsewhere run_elsewhere, OnTried on_tried);

  // Publishes the newest checkpoint and the stored cosignatures of `size` and above, soon. Calls while that
  // is under way are one more time. On the executor, after Start. A failure is told, and made good by the
  // next call.
  void Publish(uint64_t size);

  // Does what Publish does, at once and on the caller's thread, reading rows through `executor`, which is
  // another thread's; notes below `notes_from` that are published are left as they are. Errors: those of the
  // store; as WriteExportDelta.
  static absl::StatusOr<uint64_t> PublishOnce(Store& store, Sequencer& sequencer, Executor& executor,
                                              const std::string& directory, uint64_t notes_from = 0);

 private:
  void Tried(uint64_t notes_from, const absl::StatusOr<uint64_t>& published);

  struct State;
  std::shared_ptr<State> state_;
};

// The whole ledger as an export needs it, up to its newest checkpoint, without `read`. On the thread that
// owns store and sequencer. Errors: FailedPrecondition without a checkpoint; those of the store.
absl::StatusOr<ledger::ExportSource> ExportPlan(Store& store, Sequencer& sequencer);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_LEDGER_PUBLISHER_H_
