// The published ledger of a running coordinator: folder, thread, metrics and log.
#ifndef CONSORT_COORDINATOR_APP_PUBLISHING_H_
#define CONSORT_COORDINATOR_APP_PUBLISHING_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/metrics/registry.h"
#include "common/sync/executor.h"
#include "coordinator/ledger/publisher.h"
#include "coordinator/rounds/blocking_runner.h"

namespace consort::coordinator {

// Makes the folder if it is missing, for a web server of another user to read. Errors: as StatusOfErrno.
absl::Status MakePublicFolder(const std::string& path);

// Does nothing at all where no folder is configured.
class Publishing {
 public:
  // All borrowed. `directory`: empty for none.
  Publishing(MetricsRegistry& metrics, Store& store, Sequencer& sequencer, Executor& control,
             const std::string& directory);

  // On the control executor: Start once, Publish when the checkpoint of `size` has a new cosignature.
  void Start();
  void Publish(uint64_t size);
  // Waits for what is being written. Before the control executor stops, and not on it.
  void Stop();

 private:
  void Tell(const absl::StatusOr<uint64_t>& published);

  MetricsRegistry& metrics_;
  bool behind_ = true;                    // until the first success, and after a failure
  std::unique_ptr<Publisher> publisher_;  // null: nothing is published
  std::unique_ptr<WorkerPool> worker_;    // ends before what its work uses
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_PUBLISHING_H_
