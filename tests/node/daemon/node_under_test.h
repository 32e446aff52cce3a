// A whole daemon on a folder, which can be killed and started again, with a trainer and a wire that tests
// command.
#ifndef CONSORT_TESTS_NODE_DAEMON_NODE_UNDER_TEST_H_
#define CONSORT_TESTS_NODE_DAEMON_NODE_UNDER_TEST_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/trainer_client/trainer.h"
#include "node/daemon/daemon.h"
#include "node/witness/entry_source.h"
#include "tests/node/daemon/fake_coordinator.h"
#include "tests/support/simulated_executor.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {

// Gives the same three values each time.
class FakeTrainer : public Trainer {
 public:
  std::vector<float> values = {0.5F, -0.25F, 1.0F};
  absl::Status train_status;           // what Train ends with after its values
  std::function<void()> during_train;  // runs in the middle of Train
  int trainings = 0;
  int plans = 0;
  int evaluations = 0;
  absl::Status plan_status;
  double score = 1.5;

  absl::StatusOr<v1::DescribeResponse> Describe() override { return v1::DescribeResponse(); }
  absl::StatusOr<Prepared> Prepare(absl::string_view, const std::string&) override { return Prepared(); }
  absl::StatusOr<v1::PlanResponse> Plan(absl::string_view spec) override;
  absl::StatusOr<v1::TrainResult> Train(const v1::TrainHeader& header, const TrainerArtifacts& artifacts,
                                        const Progress& progress, const TakeValues& take,
                                        Cancellation& cancellation) override;
  absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::EvaluateHeader& header,
                                              const TrainerArtifacts& artifacts, const Progress& progress,
                                              Cancellation& cancellation) override;
};

// Artifacts come from a map; uploads go into one.
class FakeTransfer : public Transfer {
 public:
  std::map<std::string, std::string> artifacts;             // by digest
  std::map<std::string, std::vector<std::string>> uploads;  // by participation: each payload as it was sent
  absl::Status upload_status;
  std::function<void()> during_upload;

  absl::Status Fetch(const std::string& digest, ArtifactStore& store, Cancellation& cancellation,
                     const Progress& progress) override;
  absl::Status Upload(const std::string& participation_id, const std::string& path,
                      const PayloadFacts& payload, Cancellation& cancellation,
                      const Progress& progress) override;
};

// The fake coordinator's leaves.
class LeafSource : public EntrySource {
 public:
  explicit LeafSource(const FakeCoordinator& coordinator) : coordinator_(coordinator) {}
  absl::Status Read(uint64_t start, uint64_t end, const Take& take) override;

 private:
  const FakeCoordinator& coordinator_;
};

// One job with one round, as a coordinator would describe them.
class NodeUnderTest {
 public:
  enum class Ledger { kPlain, kWitnessed };  // the second begins with key-enrol leaves
  explicit NodeUnderTest(Ledger ledger = Ledger::kPlain);

  FakeCoordinator coordinator;
  FakeTrainer trainer;
  FakeTransfer transfer;
  StandingPolicy policy;
  std::string boot_id = "boot-1";
  std::optional<SigningKey> next_entry_key;  // made by staff; taken up by the next Start

  // Starts a daemon on the folder; Kill ends it as SIGKILL does: nothing that was not on disk survives.
  void Start();
  void Kill();
  void RunUntilIdle() { executor_->RunUntilIdle(); }
  void Advance(absl::Duration duration) { executor_->Advance(duration); }
  v1::NodeStatus Status() const { return running_->daemon->Status(); }
  Daemon& daemon() { return *running_->daemon; }
  Incidents& incidents() { return *running_->incidents; }
  const SigningKey& approval_key() const { return approval_key_; }
  std::string StatePath(const std::string& name) const { return directory_.Path(name); }
  absl::StatusOr<std::vector<JournalRow>> JournalRows() const;

  static std::string JobId() { return std::string(32, '1'); }
  static std::string RoundId() { return std::string(32, '2'); }
  static std::string ParticipationId() { return std::string(32, '3'); }
  static std::string TaskId() { return std::string(32, '4'); }
  std::string spec;           // serialized
  std::string manifest;       // canonical JSON
  std::string last_manifest;  // offered behind it if there is one
  std::string state_digest;
  std::string base_digest;  // tensor digest

  void Offer();
  // Appends the round-open entry, once, and sends the task with proofs from `head_from`.
  void Train(uint64_t head_from = 0);
  v1::Envelope TrainTask(uint64_t head_from);
  void Evaluate(uint64_t head_from);
  // Offer and Train, run to the end.
  void RunRound();

 private:
  struct Running;
  const SigningKey mirror_key_;
  const SigningKey approval_key_;
  testing::TemporaryDirectory directory_;
  std::unique_ptr<testing::SimulatedExecutor> executor_;
  std::unique_ptr<Running> running_;
  int64_t round_open_ = -1;

  struct Running {
    SigningKey key;
    std::unique_ptr<EgressJournal> journal;
    std::unique_ptr<Incidents> incidents;
    std::unique_ptr<LeafSource> source;
    std::unique_ptr<Witness> witness;
    HeadKeeper heads;
    EntrySigner signer;
    TaskStore tasks;
    TaskStore jobs;
    std::unique_ptr<ArtifactStore> artifacts;
    MetricsRegistry metrics;
    std::unique_ptr<TaskWork> work;
    std::unique_ptr<Daemon> daemon;
  };
};

}  // namespace consort::node

#endif  // CONSORT_TESTS_NODE_DAEMON_NODE_UNDER_TEST_H_
