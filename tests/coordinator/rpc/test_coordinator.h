// A coordinator's server in this process: real TLS, real enrolment, a ledger in memory; rounds are faked.
#ifndef CONSORT_TESTS_COORDINATOR_RPC_TEST_COORDINATOR_H_
#define CONSORT_TESTS_COORDINATOR_RPC_TEST_COORDINATOR_H_

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/artifact/artifact_store.h"
#include "common/rpc/tls_policy.h"
#include "common/sync/thread_executor.h"
#include "coordinator/enrol/enrolment.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/requests/key_changes.h"
#include "coordinator/rounds/blocking_runner.h"
#include "coordinator/rounds/update_intake.h"
#include "coordinator/rpc/coordinator_server.h"
#include "coordinator/rpc/ledger_service.h"
#include "coordinator/store/store.h"
#include "coordinator/witness/incident_book.h"
#include "coordinator/witness/ledger_metrics.h"
#include "coordinator/witness/witness_board.h"
#include "tests/common/rpc/test_federation.h"
#include "tests/support/simulated_executor.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {

// Takes updates of participations that the test declares.
class FakeIntake final : public coordinator::UpdateIntake {
 public:
  explicit FakeIntake(std::string directory) : directory_(std::move(directory)) {}

  void Expect(const std::string& participation_id, const std::string& archive, uint64_t total_bytes);
  std::string SpoolPath(const std::string& participation_id) const {
    return directory_ + "/" + participation_id;
  }
  // Digest of the completed update; empty before.
  std::string Completed(const std::string& participation_id);

  absl::StatusOr<std::string> OpenSpool(const std::string& archive, const std::string& participation_id,
                                        uint64_t total_bytes) override;
  void OnSpoolProgress(const std::string& participation_id, uint64_t committed_bytes) override;
  void OnSpoolTrouble(const std::string& participation_id, const std::string& problem) override;
  void OnSpoolComplete(const std::string& participation_id, const std::string& digest) override;

 private:
  struct Expected {
    std::string archive;
    uint64_t total_bytes = 0;
    std::string digest;
  };
  const std::string directory_;
  Mutex mutex_;
  std::map<std::string, Expected> expected_ CONSORT_GUARDED_BY(mutex_);
};

class NobodyConnected final : public coordinator::NodeGateway {
 public:
  void Send(absl::string_view, v1::Envelope) override {}
  bool Connected(absl::string_view) const override { return false; }
  void Disconnect(absl::string_view, absl::string_view) override {}
};

// Four threads.
class ThreadRunner final : public coordinator::BlockingRunner {
 public:
  void Run(Work work) override { threads_[next_++ % 4].Post(std::move(work)); }

 private:
  std::atomic<unsigned> next_{0};
  ThreadExecutor threads_[4];
};

// A clock that stands still until the test moves it, for timers set from any thread.
class SteppedExecutor final : public Executor {
 public:
  void Post(Work work) override;
  TimerId PostAfter(absl::Duration delay, Work work) override;
  void Cancel(TimerId timer) override;
  absl::Duration Monotonic() const override;
  absl::Time WallClock() const override;
  void Advance(absl::Duration duration);

 private:
  mutable std::recursive_mutex mutex_;
  SimulatedExecutor executor_;
};

class TestCoordinator {
 public:
  struct Options {
    int bulk_streams = 8;
    uint64_t artifact_quota_bytes = 0;
    uint64_t checkpoints_per_page = coordinator::kMaxListedCheckpoints;
    Executor* transfer_clock = nullptr;  // null: the control executor
  };
  explicit TestCoordinator(const Options& options);
  TestCoordinator() : TestCoordinator(Options()) {}
  ~TestCoordinator();

  std::string Address() const;
  TestFederation& federation() { return federation_; }
  ArtifactStore& artifacts() { return *artifacts_; }
  FakeIntake& intake() { return intake_; }
  coordinator::MemberDirectory& directory() { return directory_; }
  std::set<std::string>& artifacts_in_use() { return artifacts_in_use_; }

  // An invitation made on the control executor.
  Invitation Invite(v1::Role role, const std::string& name);
  // Enrols over no network and dials: a channel of that member.
  std::shared_ptr<grpc::Channel> Member(v1::Role role, const std::string& name);
  absl::Status Revoke(v1::Role role, const std::string& name);
  // Runs `work` on the control executor and waits for it.
  void OnControl(const std::function<void()>& work);
  coordinator::Sequencer& sequencer() { return *sequencer_; }
  coordinator::Store& store() { return *store_; }
  // On the control executor only.
  coordinator::IncidentBook& incidents() { return *incidents_; }
  coordinator::WitnessBoard& witnesses() { return *witnesses_; }
  const SigningKey& log_key() const { return log_key_; }
  const SigningKey& entry_key() const { return entry_key_; }

 private:
  TestFederation federation_;
  SigningKey log_key_;
  SigningKey entry_key_;
  ThreadExecutor control_;
  ThreadRunner workers_;
  std::unique_ptr<coordinator::Store> store_;
  std::unique_ptr<coordinator::Sequencer> sequencer_;
  std::unique_ptr<ArtifactStore> artifacts_;
  FakeIntake intake_;
  coordinator::MemberDirectory directory_;
  std::unique_ptr<coordinator::Enrolment> enrolment_;
  NobodyConnected nodes_;
  MetricsRegistry registry_;
  coordinator::LedgerMetrics ledger_metrics_{registry_};
  std::unique_ptr<coordinator::IncidentBook> incidents_;
  std::unique_ptr<coordinator::WitnessBoard> witnesses_;
  std::unique_ptr<coordinator::KeyChanges> key_changes_;
  std::set<std::string> artifacts_in_use_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<coordinator::CoordinatorServer> server_;
  int members_ = 0;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COORDINATOR_RPC_TEST_COORDINATOR_H_
