// A coordinator's folder as `init` makes it, worked on without its process.
#ifndef CONSORT_TESTS_COORDINATOR_APP_COORDINATOR_FOLDER_H_
#define CONSORT_TESTS_COORDINATOR_APP_COORDINATOR_FOLDER_H_

#include <memory>
#include <string>

#include "coordinator/app/commands.h"
#include "coordinator/app/coordinator_config.h"
#include "coordinator/app/keys.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"
#include "tests/support/simulated_executor.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {

// Failures end the test program.
class CoordinatorFolder {
 public:
  CoordinatorFolder();

  std::string Path(const std::string& file) const { return directory_.Path("coordinator/" + file); }
  std::string Outside(const std::string& file) const { return directory_.Path(file); }
  std::string config_path() const { return Path("coordinator.toml"); }
  coordinator::CoordinatorConfig config() const;

  // The store, the keys in force and the sequencer, as a running coordinator has them.
  struct Running {
    std::unique_ptr<coordinator::Store> store;
    std::unique_ptr<coordinator::CoordinatorKeys> keys;
    std::unique_ptr<coordinator::Sequencer> sequencer;

    // Appends an entry of the coordinator's own.
    absl::StatusOr<coordinator::Appended> Append();
    coordinator::CheckpointRow Seal();
  };
  Running Start();
  SimulatedExecutor& executor() { return executor_; }

 private:
  TemporaryDirectory directory_;
  SimulatedExecutor executor_;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COORDINATOR_APP_COORDINATOR_FOLDER_H_
