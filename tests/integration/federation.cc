#include "tests/integration/federation.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/artifact/safetensors.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace consort::testing {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(30);

// A TCP port of loopback that was free a moment ago.
int FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  close(descriptor);
  return ntohs(address.sin_port);
}

void RequireSuccess(const Finished& finished, const std::string& what) {
  if (finished.exit_code == 0) return;
  ADD_FAILURE() << what << " failed with exit code " << finished.exit_code << ":\n" << finished.output;
  std::abort();
}

}  // namespace

Federation::Federation(const FederationOptions& options) : options_(options), port_(FreePort()) {
  InitCoordinator();
  StartCoordinator();
  RequireSuccess(Consort({"enrol", operator_invitation_}), "enrolling the operator");
  for (size_t i = 0; i < options_.archives.size(); ++i) {
    EnrolArchive(options_.archives[i], options_.recordings.empty() ? Path("no-recordings") : options_.recordings[i]);
  }
}

void Federation::InitCoordinator() {
  const std::string address = absl::StrCat("127.0.0.1:", port_);
  const Finished init = RunToEnd({{CONSORT_COORDINATOR, "init", "--directory", Path("coordinator"), "--federation", "test",
                                   "--listen", address, "--advertise", address, "--metrics", "",
                                   "--trainer-program", options_.trainer_program}});
  RequireSuccess(init, "consort-coordinator init");
  const size_t begin = init.standard_output.find("consort-invite-1.");
  ASSERT_NE(begin, std::string::npos) << init.output;
  operator_invitation_ = init.standard_output.substr(begin, init.standard_output.find_first_of(" \n", begin) - begin);
}

void Federation::EnrolArchive(const std::string& archive, const std::string& recordings) {
  const Finished invited = Consort({"invite", "archive", archive, "-o", "json"});
  RequireSuccess(invited, "inviting an archive");
  mkdir(recordings.c_str(), 0755);
  RequireSuccess(RunToEnd({{CONSORT_NODE, "enrol", JsonField(invited.standard_output, "/invitation"), "--directory",
                            Path(archive), "--recordings", recordings, "--metrics", "", "--trainer-program",
                            options_.trainer_program, "--consent", "declared-by-operator"}}),
                 "enrolling an archive");
}

void Federation::StartCoordinator() {
  coordinator_ = std::make_unique<Process>(ProcessOptions{
      {CONSORT_COORDINATOR, "run", "--config", Path("coordinator/coordinator.toml")}, options_.environment});
  if (!coordinator_->WaitForOutput("ready", kStartLimit)) {
    ADD_FAILURE() << "the coordinator did not get ready:\n" << coordinator_->Output();
    std::abort();
  }
}

void Federation::StartNode(const std::string& archive) {
  nodes_[archive] = std::make_unique<Process>(
      ProcessOptions{{CONSORT_NODE, "run", "--config", NodeConfig(archive)}, options_.environment});
  if (!nodes_[archive]->WaitForOutput("connected", kStartLimit)) {
    ADD_FAILURE() << archive << " did not connect:\n" << nodes_[archive]->Output() << coordinator_->Output();
    std::abort();
  }
}

void Federation::StartNodes() {
  for (const std::string& archive : options_.archives) StartNode(archive);
}

void Federation::KillCoordinator() { coordinator_->Kill(); }

void Federation::KillNode(const std::string& archive) { nodes_.at(archive)->Kill(); }

Finished Federation::Consort(std::vector<std::string> arguments, absl::Duration limit) {
  arguments.insert(arguments.begin(), CONSORT_CLI);
  arguments.insert(arguments.end(), {"--profile", Path("operator")});
  return RunToEnd({arguments}, limit);
}

std::unique_ptr<Process> Federation::StartConsort(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CONSORT_CLI);
  arguments.insert(arguments.end(), {"--profile", Path("operator")});
  return std::make_unique<Process>(ProcessOptions{arguments});
}

std::string Federation::NodeConfig(const std::string& archive) const { return Path(archive + "/node/node.toml"); }

std::string JsonField(const std::string& json, const std::string& pointer) {
  const nlohmann::json document = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  const nlohmann::json::json_pointer path(pointer);
  if (document.is_discarded() || !document.contains(path)) {
    ADD_FAILURE() << "no " << pointer << " in: " << json;
    std::abort();
  }
  const nlohmann::json& value = document[path];
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace consort::testing
