// A whole federation in one thread: an engine on a store file, and archives that answer it. The coordinator
// can be killed at any commit and started again on what it had stored.
#ifndef CONSORT_TESTS_COORDINATOR_ROUNDS_FEDERATION_H_
#define CONSORT_TESTS_COORDINATOR_ROUNDS_FEDERATION_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/artifact/artifact_store.h"
#include "common/crypto/signing_key.h"
#include "common/metrics/registry.h"
#include "coordinator/app/event_split.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/rounds/engine.h"
#include "coordinator/store/store.h"
#include "coordinator/witness/policy_keeper.h"
#include "coordinator/witness/start_check.h"
#include "coordinator/witness/witness_board.h"
#include "tests/coordinator/rounds/fake_archive.h"
#include "tests/support/simulated_executor.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator::testing {

// Thrown in place of a kill -9.
struct Killed {};

class Federation {
 public:
  Federation();
  ~Federation();

  FakeArchive& AddArchive(const std::string& name, const std::string& tradition, double difference = -0.2);
  // Starts the coordinator; every archive that is not in `away` connects.
  void Start();
  // kill -9 and a new process on the same files.
  void Restart();
  void Disconnect(const std::string& archive);
  void Reconnect(const std::string& archive);

  // The next `commits` commits succeed; after that one the process is killed and started again. 0: never.
  void KillAfter(int commits) { kill_after_ = commits; }
  bool killed() const { return restarts_ > 0; }
  int commits() const { return commits_; }

  // Two rounds, three archives' terms, quorum 2.
  v1::JobSpec Spec() const;
  std::string Submit(const v1::JobSpec& spec);  // returns the job id; runs until nothing is to do
  void Run();                                   // until nothing is ready; restarts after a kill
  void Advance(absl::Duration duration);
  v1::JobStatus Job(const std::string& job_id);

  // The predicates of all leaves of a kind.
  std::vector<nlohmann::json> Entries(absl::string_view kind);

  RoundEngine& engine() { return *process_->engine; }
  Sequencer& sequencer() { return *process_->sequencer; }
  WitnessBoard& witnesses() { return *process_->witnesses; }
  IncidentBook& incidents() { return *process_->incidents; }
  StartCheck& start_check() { return *process_->start_check; }
  EventSplit& events() { return *process_->events; }
  Store& store() { return *process_->store; }
  consort::testing::SimulatedExecutor& executor() { return process_->executor; }
  ArtifactStore& artifacts() { return *artifacts_; }
  const SigningKey& entry_key() const { return entry_key_; }
  const std::string& base_digest() const { return base_digest_; }
  std::string StorePath() const { return directory_.Path("consort.db"); }
  const std::string& spool_directory() const { return spool_directory_; }
  std::string Metrics() const { return metrics_registry_.Render(); }

  std::set<std::string> away;   // archives that do not connect at a start
  PolicyConfig policy;          // of the next start
  absl::Status prepare_status;  // what the coordinator's trainer answers
  int prepared = 0;
  // What the trainer gives for a job that analyses latents: an exact sum in place of this tensor of the
  // state, [3].
  static constexpr char kAnalysisTensor[] = "statistics/latent/count";
  bool prepares_last_manifest = true;

 private:
  class Gateway;
  class CountingStore;
  class TestTrainer;
  class InlineRunner;
  // What dies with a process.
  struct Process {
    consort::testing::SimulatedExecutor executor;
    std::unique_ptr<Store> store;
    std::unique_ptr<Sequencer> sequencer;
    std::unique_ptr<Gateway> gateway;
    std::unique_ptr<IncidentBook> incidents;
    std::unique_ptr<PolicyKeeper> policy;
    std::unique_ptr<StartCheck> start_check;
    std::unique_ptr<WitnessBoard> witnesses;
    std::unique_ptr<Trainer> trainer;
    std::unique_ptr<BlockingRunner> runner;
    std::unique_ptr<RoundEngine> engine;
    std::unique_ptr<EventSplit> events;
  };

  void Connect(FakeArchive& archive);
  // Enters the coordinator and every archive that the ledger does not know yet.
  absl::Status EnrolAll(Transaction& transaction);

  consort::testing::TemporaryDirectory directory_;
  std::string spool_directory_;
  SigningKey log_key_;
  SigningKey entry_key_;
  MetricsRegistry metrics_registry_;
  FederationMetrics metrics_{metrics_registry_};
  LedgerMetrics ledger_metrics_{metrics_registry_};
  std::unique_ptr<ArtifactStore> artifacts_;
  std::string base_artifact_;
  std::string base_digest_;
  std::map<std::string, std::unique_ptr<FakeArchive>> archives_;
  int kill_after_ = 0;
  int commits_ = 0;
  int restarts_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace consort::coordinator::testing

#endif  // CONSORT_TESTS_COORDINATOR_ROUNDS_FEDERATION_H_
