#include "node/trainer/app/run_trainer.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/sandbox/sandbox.h"
#include "common/status/macros.h"
#include "node/trainer/rpc/trainer_server.h"

namespace consort::trainer {
namespace {

absl::Status MakeFolder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (!failed) return absl::OkStatus();
  return absl::ErrnoToStatus(failed.value(), absl::StrCat("a folder of the trainer cannot be made: ", path));
}

absl::StatusOr<SandboxPolicy> PolicyFor(const EngineConfig& engine, bool unsafe_no_sandbox) {
  SandboxPolicy policy;
  policy.profile = SandboxProfile::kRecordingProcess;
  policy.unsafe_no_sandbox = unsafe_no_sandbox;
  if (!engine.recordings_directory.empty()) policy.read_only.push_back(engine.recordings_directory);
  for (const std::string& writable : {engine.state_directory, engine.listening_directory}) {
    if (writable.empty()) continue;
    RETURN_IF_ERROR(MakeFolder(writable));
    policy.read_write.push_back(writable);
  }
  return policy;
}

void SayHowRestricted(const SandboxReport& report) {
  if (!report.restricted) {
    spdlog::warn("--unsafe-no-sandbox: nothing keeps this process from the network");
  } else {
    spdlog::info("restricted: no network, recordings read-only; network namespace of its own: {}",
                 report.empty_network_namespace ? "yes" : "no, not permitted here");
  }
}

}  // namespace

absl::Status RunTrainer(const TrainerConfig& config, int listener, bool unsafe_no_sandbox) {
  umask(0027);  // listening files are for staff of the group; nothing is for everybody
  ASSIGN_OR_RETURN(const SandboxPolicy policy, PolicyFor(config.engine, unsafe_no_sandbox));
  ASSIGN_OR_RETURN(const int signals, TakeEndingSignals());
  ASSIGN_OR_RETURN(const SandboxReport report, EnterSandbox(policy));
  SayHowRestricted(report);
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(config.engine));
  return ServeEngine(*engine, listener, signals, report.restricted);
}

}  // namespace consort::trainer
