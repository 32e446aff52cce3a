// A whole federation of real processes on loopback, in a folder of its own, for one test.
#ifndef CONSORT_TESTS_INTEGRATION_FEDERATION_H_
#define CONSORT_TESTS_INTEGRATION_FEDERATION_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {

struct FederationOptions {
  std::vector<std::string> archives = {"archive-uk-1", "archive-cn-1"};
  // One per archive, or empty: the null trainer needs none.
  std::vector<std::string> recordings;
  // consort-null-trainer (returns at once) or consort-trainer.
  std::string trainer_program;
  std::map<std::string, std::string> environment;
};

// Any failed expectation ends the test: set-up that does not work proves nothing. Calls from one thread.
class Federation {
 public:
  explicit Federation(const FederationOptions& options);

  // Starts the coordinator and waits until it is ready.
  void StartCoordinator();
  void StartNode(const std::string& archive);
  void StartNodes();
  // SIGKILL: no clean end. The trainer that a killed daemon's launcher started ends by itself.
  void KillCoordinator();
  void KillNode(const std::string& archive);

  // Runs `consort ARGUMENTS... --profile <operator's>`.
  Finished Consort(std::vector<std::string> arguments, absl::Duration limit = absl::Seconds(60));
  std::unique_ptr<Process> StartConsort(std::vector<std::string> arguments);

  // Puts a base model into the coordinator and writes a job file for it; `lines` replace or add `key = value` lines
  // under the table named before the dot, e.g. {"job.rounds", "3"}.
  std::string WriteJobFile(const std::map<std::string, std::string>& lines);

  Process& coordinator() { return *coordinator_; }
  Process& node(const std::string& archive) { return *nodes_.at(archive); }
  const std::string& directory() const { return directory_.path(); }
  std::string Path(const std::string& name) const { return directory_.Path(name); }
  std::string NodeConfig(const std::string& archive) const;

 private:
  void InitCoordinator();
  void EnrolArchive(const std::string& archive, const std::string& recordings);

  FederationOptions options_;
  TemporaryDirectory directory_;
  int port_ = 0;
  std::unique_ptr<Process> coordinator_;
  std::map<std::string, std::unique_ptr<Process>> nodes_;
  std::string operator_invitation_;
  std::string base_model_digest_;
};

// The value of `name` in a JSON object printed by `consort ... -o json`; ends the test if it is not there.
std::string JsonField(const std::string& json, const std::string& pointer);

}  // namespace consort::testing

#endif  // CONSORT_TESTS_INTEGRATION_FEDERATION_H_
