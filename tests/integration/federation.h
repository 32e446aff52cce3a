// A whole federation of real processes on loopback, in a folder of its own, for one test.
#ifndef CONSORT_TESTS_INTEGRATION_FEDERATION_H_
#define CONSORT_TESTS_INTEGRATION_FEDERATION_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/support/process.h"
#include "tests/support/small_disk.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {

struct FederationOptions {
  std::vector<std::string> archives = {"archive-uk-1", "archive-cn-1"};
  std::map<std::string, std::string> environment;  // of the daemons and their null trainers
  std::map<std::string, std::map<std::string, std::string>> of_archive;  // beside it, of one archive's
  int64_t coordinator_disk_bytes = 0;  // 0: no disk of its own; otherwise EnterOwnMounts must have succeeded
};

// What tests vary in a job; the rest of its file is fixed.
struct JobTerms {
  int rounds = 1;
  int quorum = 2;
  int recruiting_seconds = 20;
  int grace_seconds = 30;
  int deadline_seconds = 60;
  int stall_seconds = 30;
  int evaluate_every_rounds = 0;
};

// Any failed expectation ends the test: set-up that does not work proves nothing. Calls from one thread.
class Federation {
 public:
  explicit Federation(const FederationOptions& options);

  // Starts the coordinator and waits until it is ready.
  void StartCoordinator();
  // Adds to the coordinator's environment beside the daemons' common one, for its next start.
  void SetCoordinatorEnvironment(const std::map<std::string, std::string>& environment);
  // Takes `name` out of a process's environment again, for its next start.
  void UnsetCoordinatorEnvironment(const std::string& name) { coordinator_environment_.erase(name); }
  void UnsetEnvironment(const std::string& archive, const std::string& name);
  // The folder under Path() that StartCoordinator starts from; at first "coordinator".
  void SetCoordinatorFolder(const std::string& name) { coordinator_folder_ = name; }
  // Adds to the environment of an archive's daemon and null trainer, for its next start.
  void SetEnvironment(const std::string& archive, const std::map<std::string, std::string>& environment);
  void StartNode(const std::string& archive);
  void StartNodes();
  // Runs a daemon that is expected not to start.
  Finished RunNode(const std::string& archive);
  // SIGKILL: no clean end. Its launcher and trainer end by themselves.
  void KillCoordinator();

  // Runs `consort ARGUMENTS... --profile <operator's>`.
  Finished Consort(std::vector<std::string> arguments, absl::Duration limit = absl::Seconds(60));
  std::unique_ptr<Process> StartConsort(std::vector<std::string> arguments);
  // `consort federation status -o json`.
  nlohmann::json Status();
  // Asks for the status again and again until `done` holds of it; false when `limit` passed first.
  bool WaitForStatus(const std::function<bool(const nlohmann::json& status)>& done, absl::Duration limit);

  // Submits a job over the null trainer's model and returns its id.
  std::string SubmitJob(const JobTerms& terms);
  // The job as `consort job show -o json` tells it.
  nlohmann::json ShowJob(const std::string& job);
  // Lengths of the updates that the coordinator has so far, whole or partial; the shortest first.
  std::vector<int64_t> SpoolLengths() const;
  // The rows of one type in an archive's egress journal.
  nlohmann::json JournalRows(const std::string& archive, const std::string& type);

  Process& coordinator() { return *coordinator_; }
  Process& node(const std::string& archive) { return *nodes_.at(archive); }
  int port() const { return port_; }  // the coordinator's
  const std::string& directory() const { return directory_.path(); }
  std::string Path(const std::string& name) const { return directory_.Path(name); }
  std::string NodeConfig(const std::string& archive) const { return Path(archive + "/node/node.toml"); }

 private:
  ProcessOptions NodeProcess(const std::string& archive);
  void InitCoordinator();
  void EnrolArchive(const std::string& archive);

  FederationOptions options_;
  TemporaryDirectory directory_;
  int port_ = 0;
  std::unique_ptr<SmallDisk> coordinator_disk_;
  std::string coordinator_folder_ = "coordinator";
  std::unique_ptr<Process> coordinator_;
  std::map<std::string, std::string> coordinator_environment_;
  std::map<std::string, std::unique_ptr<Process>> nodes_;
  std::string operator_invitation_;
};

// The part of `archive` in round `number` (from 1) of a job as ShowJob returns it; null if it has none.
nlohmann::json PartOf(const nlohmann::json& job, const std::string& archive, int number = 1);

// The value at `pointer` in a JSON object printed by `consort ... -o json`; ends the test if it is not there.
std::string JsonField(const std::string& json, const std::string& pointer);

}  // namespace consort::testing

#endif  // CONSORT_TESTS_INTEGRATION_FEDERATION_H_
