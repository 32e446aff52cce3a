#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/key_file.h"
#include "common/launcher/daemon_trainer.h"
#include "common/logging/json_log.h"
#include "common/metrics/exposer.h"
#include "common/metrics/registry.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_log.h"
#include "common/rpc/grpc_runtime.h"
#include "common/sandbox/sandbox.h"
#include "common/session/protocol.h"
#include "common/status/macros.h"
#include "common/sync/end_signals.h"
#include "common/sync/run_on.h"
#include "common/sync/thread_executor.h"
#include "common/trainer_client/grpc_trainer.h"
#include "node/app/archive_ledger.h"
#include "node/app/commands.h"
#include "node/app/node_config.h"
#include "node/daemon/certificate_renewal.h"
#include "node/daemon/daemon.h"
#include "node/daemon/tls_identity.h"
#include "node/rpc/control_service.h"
#include "node/rpc/grpc_entries.h"
#include "node/rpc/grpc_renewal.h"
#include "node/rpc/grpc_stream.h"
#include "node/rpc/grpc_transfer.h"
#include "node/state/state_files.h"
#include "spdlog/spdlog.h"

namespace consort::node {
namespace {

constexpr char kSoftwareVersion[] = CONSORT_VERSION;
constexpr std::chrono::seconds kStatusWithin(
    5);  // the control executor answers in milliseconds unless a disk hangs
// The coordinator's answer, and a little for our own.
constexpr std::chrono::seconds kStaffEntryWithin(25);

std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id;
}

std::function<double()> UniformSource() {
  return [engine = std::mt19937_64(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

// The daemon may write its state and read its keys: nothing else of the archive.
absl::Status Restrict(const NodeConfig& config, bool unsafe_no_sandbox) {
  SandboxPolicy policy;
  policy.profile = SandboxProfile::kNetworkProcess;
  policy.read_only = {config.keys_directory};
  for (const std::string& folder : config.keys().OtherFolders()) policy.read_only.push_back(folder);
  policy.read_write = {config.state_directory};
  policy.unsafe_no_sandbox = unsafe_no_sandbox;
  ASSIGN_OR_RETURN(const SandboxReport report, EnterSandbox(policy));
  if (!report.restricted)
    spdlog::warn("running without a sandbox: nothing but this program's code keeps recordings apart");
  return absl::OkStatus();
}

absl::StatusOr<DaemonSettings> SettingsOf(const NodeConfig& config) {
  ASSIGN_OR_RETURN(LedgerTrust trust, PinnedTrust(config));
  ASSIGN_OR_RETURN(const std::string policy_digest, PolicyDigest(config.policy));
  return DaemonSettings{std::move(trust),
                        config.policy,
                        policy_digest,
                        config.federation,
                        config.address,
                        kSoftwareVersion,
                        {session::kCapabilityRing32, session::kCapabilityPlain, session::kCapabilityWitness},
                        config.state_directory};
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const NodeConfig& config) {
  return OpenChannel({.address = config.address,
                      .federation = config.federation,
                      .certificate_path = config.tls_identity_path(),
                      .key_path = config.tls_identity_path(),
                      .ca_path = config.Key("ca.pem"),
                      .proxy = config.proxy});
}

// Waits for what `work`, run on the control executor, hands to its argument; not for ever.
template <class Value>
absl::StatusOr<Value> Ask(Executor& control, std::chrono::seconds within,
                          std::function<void(std::function<void(absl::StatusOr<Value>)>)> work) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<Value>>>();
  auto answer = promise->get_future();
  control.Post([promise, work = std::move(work)] {
    work([promise](absl::StatusOr<Value> value) { promise->set_value(std::move(value)); });
  });
  if (answer.wait_for(within) == std::future_status::ready) return answer.get();
  return absl::UnavailableError("the daemon is busy writing; ask again");
}

absl::StatusOr<v1::NodeStatus> StatusOf(Executor& control, const Daemon& daemon, Trainer& trainer) {
  ASSIGN_OR_RETURN(v1::NodeStatus status,
                   Ask<v1::NodeStatus>(control, kStatusWithin,
                                       [&daemon](const auto& answer) { answer(daemon.Status()); }));
  const auto described = trainer.Describe();
  status.set_trainer_ready(described.ok());
  if (described.ok()) *status.mutable_trainer() = *described;
  return status;
}

ControlServer::Calls ControlCalls(Executor& control, Daemon& daemon, Trainer& trainer) {
  ControlServer::Calls calls;
  calls.status = [&] { return StatusOf(control, daemon, trainer); };
  calls.resolve_incident = [&](const v1::ResolveIncidentRequest& request) {
    return Ask<bool>(control, kStatusWithin,
                     [&daemon, request](const auto& answer) {
                       const absl::Status resolved =
                           daemon.ResolveIncident(request.id(), request.decision(), request.by());
                       answer(resolved.ok() ? absl::StatusOr<bool>(true) : resolved);
                     })
        .status();
  };
  calls.submit_staff_entry = [&](const std::string& envelope) {
    return Ask<v1::EntryOutcome>(control, kStaffEntryWithin, [&daemon, envelope](const auto& answer) {
      daemon.SubmitStaffEntry(envelope, answer);
    });
  };
  return calls;
}

// Everything after the process has restricted itself: threads may exist from here on.
absl::Status Serve(const NodeConfig& config, Launcher* launcher, const std::string& boot_id,
                   const EndSignals& end) {
  ASSIGN_OR_RETURN(DaemonSettings settings, SettingsOf(config));
  ASSIGN_OR_RETURN(const auto journal, EgressJournal::Open(config.journal_path()));
  ASSIGN_OR_RETURN(const TaskStore tasks, TaskStore::Open(config.state_directory + "/tasks"));
  ASSIGN_OR_RETURN(const TaskStore jobs, TaskStore::Open(config.state_directory + "/jobs"));
  ASSIGN_OR_RETURN(const auto artifacts, ArtifactStore::Open(config.state_directory + "/artifacts"));

  ASSIGN_OR_RETURN(const CertificateFacts certificate,
                   PrepareTlsIdentity(config.enrolled_tls(), config.tls_identity_path()));
  ASSIGN_OR_RETURN(const std::string authority, ReadPublicFile(config.Key("ca.pem")));

  MetricsRegistry metrics;
  DeclareNodeMetrics(metrics);
  std::unique_ptr<MetricsExposer> exposer;
  if (!config.metrics_listen.empty()) {
    ASSIGN_OR_RETURN(exposer, MetricsExposer::Start(metrics, config.metrics_listen));
  }

  ASSIGN_OR_RETURN(const auto session_channel, ChannelTo(config));
  ASSIGN_OR_RETURN(const auto bulk_channel, ChannelTo(config));
  GrpcEntries ledger_entries(bulk_channel);
  ASSIGN_OR_RETURN(const auto ledger, OpenArchiveLedger(config, ledger_entries));

  ThreadExecutor control;
  ThreadExecutor worker;
  ThreadExecutor witness;
  GrpcTrainer trainer(
      {.socket_path = config.trainer_socket,
       .on_stuck = launcher == nullptr ? std::function<void()>() : [launcher] { launcher->KillTrainer(); },
       .limits = {}});
  GrpcStreamFactory streams(session_channel);
  GrpcTransfer transfer(bulk_channel, UniformSource());
  GrpcRenewal renewal_call(session_channel);
  CertificateRenewal renewal({config.tls_identity_path(), authority}, certificate, control, renewal_call,
                             metrics, UniformSource());
  TaskWork work({config.archive, boot_id}, trainer, transfer, *artifacts, tasks, worker);
  Daemon daemon(std::move(settings), {control, worker, witness, streams, work, *journal, *ledger->heads,
                                      *ledger->witness, *ledger->incidents, *ledger->signer, ledger->own_keys,
                                      tasks, jobs, metrics, UniformSource()});
  ASSIGN_OR_RETURN(
      auto control_server,
      ControlServer::Start(config.control_socket, {config.control_uids.begin(), config.control_uids.end()},
                           ControlCalls(control, daemon, trainer)));
  LogTrainerEnds(launcher, "consort-node");
  control.Post([&daemon, &renewal] {
    daemon.Start();
    renewal.Start();
  });
  spdlog::info("consort-node is ready: archive {} of {}", config.archive, config.federation);

  const int signal = end.Wait();
  spdlog::info("signal {}: ending", signal);
  control_server.reset();
  RunOn(control, [&daemon, &renewal] {
    renewal.Stop();
    daemon.Stop();
  });
  ledger_entries.Stop();
  witness.Stop();
  worker.Stop();
  control.Stop();
  return absl::OkStatus();
}

}  // namespace

absl::Status RunDaemon(const RunOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  RETURN_IF_ERROR(SettingsOf(config).status());
  if (options.check_config) return absl::OkStatus();
  PrepareGrpcRuntime();
  RETURN_IF_ERROR(StartJsonLog("consort-node", config.log_level));
  LogGrpcThroughSpdlog();
  RETURN_IF_ERROR(MakeDirectory(config.state_directory));
  ASSIGN_OR_RETURN(const std::unique_ptr<Launcher> launcher,
                   StartTrainer({config.trainer_socket, config.trainer_program, config.trainer_config}));
  const std::string boot_id = BootId();
  RETURN_IF_ERROR(Restrict(config, options.unsafe_no_sandbox));
  const EndSignals end;
  return Serve(config, launcher.get(), boot_id, end);
}

}  // namespace consort::node
