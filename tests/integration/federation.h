// A whole federation of real processes on loopback, in a folder of its own, for one test.
#ifndef CONSORT_TESTS_INTEGRATION_FEDERATION_H_
#define CONSORT_TESTS_INTEGRATION_FEDERATION_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {

struct FederationOptions {
  std::vector<std::string> archives = {"archive-uk-1", "archive-cn-1"};
  std::map<std::string, std::string> environment;  // of the daemons and their null trainers
};

// Any failed expectation ends the test: set-up that does not work proves nothing. Calls from one thread.
class Federation {
 public:
  explicit Federation(const FederationOptions& options);

  // Starts the coordinator and waits until it is ready.
  void StartCoordinator();
  void StartNode(const std::string& archive);
  void StartNodes();
  // SIGKILL: no clean end. Its launcher and trainer end by themselves.
  void KillCoordinator();

  // Runs `consort ARGUMENTS... --profile <operator's>`.
  Finished Consort(std::vector<std::string> arguments, absl::Duration limit = absl::Seconds(60));
  std::unique_ptr<Process> StartConsort(std::vector<std::string> arguments);

  // Submits a job of `rounds` rounds over the null trainer's model and returns its id.
  std::string SubmitJob(int rounds, int quorum, int recruiting_seconds = 20);

  Process& coordinator() { return *coordinator_; }
  Process& node(const std::string& archive) { return *nodes_.at(archive); }
  const std::string& directory() const { return directory_.path(); }
  std::string Path(const std::string& name) const { return directory_.Path(name); }
  std::string NodeConfig(const std::string& archive) const;

 private:
  void InitCoordinator();
  void EnrolArchive(const std::string& archive);

  FederationOptions options_;
  TemporaryDirectory directory_;
  int port_ = 0;
  std::unique_ptr<Process> coordinator_;
  std::map<std::string, std::unique_ptr<Process>> nodes_;
  std::string operator_invitation_;
};

// The value of `name` in a JSON object printed by `consort ... -o json`; ends the test if it is not there.
std::string JsonField(const std::string& json, const std::string& pointer);

}  // namespace consort::testing

#endif  // CONSORT_TESTS_INTEGRATION_FEDERATION_H_
