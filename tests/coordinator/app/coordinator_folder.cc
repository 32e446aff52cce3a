#include "tests/coordinator/app/coordinator_folder.h"

#include <utility>

#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "coordinator/store/sqlite_store.h"
#include "nlohmann/json.hpp"

namespace consort::testing {
namespace {

void MustWork(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

}  // namespace

CoordinatorFolder::CoordinatorFolder() {
  coordinator::InitOptions options;
  options.directory = directory_.Path("coordinator");
  options.federation = "example.org";
  MustWork(coordinator::RunInit(options));
}

coordinator::CoordinatorConfig CoordinatorFolder::config() const {
  return coordinator::LoadCoordinatorConfig(config_path()).value();
}

CoordinatorFolder::Running CoordinatorFolder::Start() {
  Running running;
  running.store = coordinator::SqliteStore::Open(config().database()).value();
  running.keys = std::make_unique<coordinator::CoordinatorKeys>(
      coordinator::LoadCoordinatorKeys(config(), *running.store).value());
  running.sequencer = coordinator::OpenSequencer(config(), *running.store, *running.keys, executor_).value();
  return running;
}

absl::StatusOr<coordinator::Appended> CoordinatorFolder::Running::Append() {
  coordinator::Appended appended;
  const absl::Status status = store->Transact([&](coordinator::Transaction& transaction) {
    auto entry =
        sequencer->AppendOwn(transaction, ledger::Kind::kIncident, {{"evidence", Sha256Hex(RandomBytes(8))}},
                             {{"kind", "rollback"}, {"archive", ""}, {"detail", "restored"}});
    if (entry.ok()) appended = *entry;
    return entry.status();
  });
  if (!status.ok()) return status;
  return appended;
}

coordinator::CheckpointRow CoordinatorFolder::Running::Seal() { return sequencer->Seal().value(); }

}  // namespace consort::testing
