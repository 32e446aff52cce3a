#include "tests/integration/federation.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/artifact/safetensors.h"
#include "gtest/gtest.h"
#include "tests/support/loopback.h"

namespace consort::testing {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(30);

void RequireSuccess(const Finished& finished, const std::string& what) {
  if (finished.exit_code == 0) return;
  ADD_FAILURE() << what << " failed with exit code " << finished.exit_code << ":\n" << finished.output;
  std::abort();
}

}  // namespace

Federation::Federation(const FederationOptions& options) : options_(options), port_(FreePort()) {
  options_.environment.emplace("CONSORT_METRICS_LISTEN", "");
  if (options_.coordinator_disk_bytes > 0) {
    coordinator_disk_ = std::make_unique<SmallDisk>(Path("coordinator"), options_.coordinator_disk_bytes);
  }
  InitCoordinator();
  StartCoordinator();
  RequireSuccess(Consort({"enrol", operator_invitation_}), "enrolling the operator");
  for (const std::string& archive : options_.archives) EnrolArchive(archive);
}

void Federation::InitCoordinator() {
  const std::string address = absl::StrCat("127.0.0.1:", port_);
  const Finished init =
      RunToEnd({{CONSORT_COORDINATOR, "init", "--directory", Path("coordinator"), "--federation", "test",
                 "--listen", address, "--trainer", CONSORT_NULL_TRAINER}});
  RequireSuccess(init, "consort-coordinator init");
  const size_t begin = init.standard_output.find("consort-invite-1.");
  if (begin == std::string::npos) RequireSuccess({1, init.output, ""}, "finding the operator's invitation");
  operator_invitation_ =
      init.standard_output.substr(begin, init.standard_output.find_first_of(" \n", begin) - begin);
}

void Federation::EnrolArchive(const std::string& archive) {
  const Finished invited = Consort({"invite", "archive", archive, "-o", "json"});
  RequireSuccess(invited, "inviting an archive");
  RequireSuccess(
      RunToEnd({{CONSORT_NODE, "enrol", JsonField(invited.standard_output, "/invitation"), "--directory",
                 Path(archive), "--recordings", directory(), "--trainer", CONSORT_NULL_TRAINER}}),
      "enrolling an archive");
}

void Federation::StartCoordinator() {
  std::map<std::string, std::string> environment = coordinator_environment_;
  environment.insert(options_.environment.begin(), options_.environment.end());
  coordinator_ = std::make_unique<Process>(ProcessOptions{
      {CONSORT_COORDINATOR, "run", "--config", Path(coordinator_folder_ + "/coordinator.toml")},
      environment});
  if (!coordinator_->WaitForOutput("ready", kStartLimit)) {
    RequireSuccess({1, coordinator_->Output(), ""}, "starting the coordinator");
  }
}

void Federation::SetCoordinatorEnvironment(const std::map<std::string, std::string>& environment) {
  for (const auto& [name, value] : environment) coordinator_environment_[name] = value;
}

void Federation::UnsetEnvironment(const std::string& archive, const std::string& name) {
  options_.of_archive[archive].erase(name);
}

void Federation::SetEnvironment(const std::string& archive,
                                const std::map<std::string, std::string>& environment) {
  for (const auto& [name, value] : environment) options_.of_archive[archive][name] = value;
}

ProcessOptions Federation::NodeProcess(const std::string& archive) {
  std::map<std::string, std::string> environment = options_.of_archive[archive];
  environment.insert(options_.environment.begin(), options_.environment.end());
  return {{CONSORT_NODE, "run", "--config", NodeConfig(archive)}, environment};
}

void Federation::StartNode(const std::string& archive) {
  nodes_[archive] = std::make_unique<Process>(NodeProcess(archive));
  if (!nodes_[archive]->WaitForOutput("started", kStartLimit)) {
    RequireSuccess({1, nodes_[archive]->Output(), ""}, "starting " + archive);
  }
}

Finished Federation::RunNode(const std::string& archive) { return RunToEnd(NodeProcess(archive)); }

void Federation::StartNodes() {
  for (const std::string& archive : options_.archives) StartNode(archive);
}

void Federation::KillCoordinator() { coordinator_->Kill(); }

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

nlohmann::json Federation::Status() {
  const Finished shown = Consort({"federation", "status", "-o", "json"});
  RequireSuccess(shown, "asking for the federation's status");
  return nlohmann::json::parse(shown.standard_output);
}

bool Federation::WaitForStatus(const std::function<bool(const nlohmann::json& status)>& done,
                               absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!done(Status())) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return true;
}

std::string Federation::SubmitJob(const JobTerms& terms) {
  const std::string zeros(4, '\0');
  WriteFileOrDie(Path("base.safetensors"), WriteSafetensors({{"weight", "F32", {1}, zeros}}, {}).value());
  const Finished put = Consort({"artifact", "put", Path("base.safetensors"), "-o", "json"});
  RequireSuccess(put, "storing the base model");
  WriteFileOrDie(Path("job.toml"), absl::StrCat(R"(
[job]
name = "null"
purpose = "train.generative"
seed = 7
rounds = )",
                                                terms.rounds, R"(
[model]
architecture = "rave-tiny"
method = "full"
[local]
steps = 1
batch_size = 1
window_samples = 65536
learning_rate = 1e-3
[aggregation]
strategy = "fedavg"
weighting = "archive"
clip_norm = 1.0
max_weight = 100
cohort_bound = 8
[round]
quorum = )",
                                                terms.quorum, R"(
recruiting_seconds = )",
                                                terms.recruiting_seconds, R"(
grace_seconds = )",
                                                terms.grace_seconds, R"(
deadline_seconds = )",
                                                terms.deadline_seconds, R"(
stall_seconds = )",
                                                terms.stall_seconds, R"(
[evaluation]
every_rounds = )",
                                                terms.evaluate_every_rounds, R"(
interval_level = 0.95
)"));
  const Finished submitted = Consort(
      {"job", "submit", Path("job.toml"), "--base", JsonField(put.standard_output, "/digest"), "-o", "json"});
  RequireSuccess(submitted, "submitting the job");
  return JsonField(submitted.standard_output, "/job");
}

nlohmann::json Federation::ShowJob(const std::string& job) {
  const Finished shown = Consort({"job", "show", job, "-o", "json"});
  RequireSuccess(shown, "showing the job");
  return nlohmann::json::parse(shown.standard_output);
}

std::vector<int64_t> Federation::SpoolLengths() const {
  std::vector<int64_t> lengths;
  for (const auto& file : std::filesystem::directory_iterator(Path("coordinator/state/spool"))) {
    lengths.push_back(static_cast<int64_t>(file.file_size()));
  }
  std::sort(lengths.begin(), lengths.end());
  return lengths;
}

nlohmann::json Federation::JournalRows(const std::string& archive, const std::string& type) {
  const Finished journal =
      RunToEnd({{CONSORT_NODE, "journal", "--config", NodeConfig(archive), "-o", "json"}});
  RequireSuccess(journal, "reading the journal of " + archive);
  nlohmann::json rows = nlohmann::json::array();
  for (const nlohmann::json& row : nlohmann::json::parse(journal.standard_output)) {
    if (row["type"] == type) rows.push_back(row);
  }
  return rows;
}

nlohmann::json PartOf(const nlohmann::json& job, const std::string& archive, int number) {
  for (const nlohmann::json& round : job["round_list"]) {
    if (round["round"] != number) continue;
    for (const nlohmann::json& part : round["participations"]) {
      if (part["archive"] == archive) return part;
    }
  }
  return nullptr;
}

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
