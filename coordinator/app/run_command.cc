#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/artifact/artifact_store.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/certificate.h"
#include "common/crypto/key_file.h"
#include "common/launcher/daemon_trainer.h"
#include "common/ledger/policy.h"
#include "common/logging/json_log.h"
#include "common/metrics/exposer.h"
#include "common/metrics/registry.h"
#include "common/rpc/grpc_log.h"
#include "common/rpc/grpc_runtime.h"
#include "common/sandbox/sandbox.h"
#include "common/status/macros.h"
#include "common/sync/end_signals.h"
#include "common/sync/run_on.h"
#include "common/sync/thread_executor.h"
#include "common/trainer_client/grpc_trainer.h"
#include "coordinator/app/commands.h"
#include "coordinator/app/coordinator_config.h"
#include "coordinator/app/drain.h"
#include "coordinator/app/event_split.h"
#include "coordinator/app/keys.h"
#include "coordinator/app/publishing.h"
#include "coordinator/app/report_source.h"
#include "coordinator/app/server_certificate.h"
#include "coordinator/enrol/enrolment.h"
#include "coordinator/requests/key_changes.h"
#include "coordinator/requests/staff_entries.h"
#include "coordinator/rounds/engine.h"
#include "coordinator/rounds/federation_metrics.h"
#include "coordinator/rpc/coordinator_server.h"
#include "coordinator/rpc/enrolment_service.h"
#include "coordinator/rpc/federation_service.h"
#include "coordinator/rpc/job_service.h"
#include "coordinator/rpc/ledger_service.h"
#include "coordinator/rpc/session_service.h"
#include "coordinator/rpc/transfer_service.h"
#include "coordinator/sessions/session_registry.h"
#include "coordinator/store/sqlite_store.h"
#include "coordinator/store/state_lock.h"
#include "coordinator/witness/incident_book.h"
#include "coordinator/witness/ledger_metrics.h"
#include "coordinator/witness/policy_keeper.h"
#include "coordinator/witness/start_check.h"
#include "coordinator/witness/witness_board.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

constexpr int kEngineThreads = 2;    // preparing a job, checking updates, folding a round
constexpr int kTransferThreads = 4;  // disk work of the admitted streams
constexpr absl::Duration kLastCalls =
    absl::Seconds(2);  // open calls after draining, before they are cancelled
constexpr absl::Duration kMetricsEvery = absl::Seconds(5);
constexpr absl::Duration kCertificateCheckEvery = absl::Hours(24);

absl::Status Restrict(const CoordinatorConfig& config, bool unsafe_no_sandbox) {
  SandboxPolicy policy;
  policy.profile = SandboxProfile::kNetworkProcess;
  policy.read_write = {config.state_directory, config.keys_directory};  // tls.pem is renewed
  policy.read_only = config.keys().OtherFolders();
  if (!config.policy_file.empty()) policy.read_only.push_back(config.policy_file);
  if (!config.publish_directory.empty()) {
    RETURN_IF_ERROR(MakePublicFolder(config.publish_directory));
    policy.read_write.push_back(config.publish_directory);
  }
  policy.unsafe_no_sandbox = unsafe_no_sandbox;
  ASSIGN_OR_RETURN(const SandboxReport report, EnterSandbox(policy));
  if (!report.restricted) spdlog::warn("running without a sandbox, as asked");
  return absl::OkStatus();
}

// Runs `work` now and again every `period`, on the executor.
void Repeat(Executor& executor, absl::Duration period, std::function<void()> work) {
  work();
  executor.PostAfter(period, [&executor, period, work = std::move(work)]() mutable {
    Repeat(executor, period, std::move(work));
  });
}

absl::StatusOr<uint64_t> LastNodeSeq(Store& store, Sequencer& sequencer, const std::string& archive) {
  int64_t last = 0;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.GetMember(v1::ROLE_ARCHIVE, archive).status());
    ASSIGN_OR_RETURN(last, sequencer.LastNodeSeq(transaction, archive));
    return absl::OkStatus();
  }));
  return static_cast<uint64_t>(last);
}

ArchiveConnection ConnectionOf(const SessionRegistry& sessions, absl::string_view archive) {
  SessionRegistry::Presence presence = sessions.PresenceOf(archive);
  return {std::move(presence.state), presence.last_seen_unix_seconds, std::move(presence.software_version),
          std::move(presence.capabilities)};
}

void ReportLedger(Store& store, const ArtifactStore& artifacts, FederationMetrics& metrics) {
  const absl::Status status = store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
    ASSIGN_OR_RETURN(const std::optional<CheckpointRow> sealed, transaction.LatestCheckpoint());
    metrics.SetLedger(size, sealed.has_value() ? sealed->size : 0,
                      absl::FromUnixSeconds(sealed.has_value() ? sealed->sealed_unix_seconds : 0));
    return absl::OkStatus();
  });
  if (!status.ok()) spdlog::error("ledger cannot be measured: {}", status.ToString());
  metrics.SetArtifactBytes(artifacts.TotalBytes());
}

void AddLedger(const Sequencer& sequencer, uint64_t witnessed_size, v1::Welcome& welcome) {
  welcome.add_log_vkeys(welcome.log_vkey());
  for (const ledger::KeyBook::Known& known : sequencer.rules().keys().keys()) {
    const std::string vkey = known.key.ToString();
    const bool in_force = known.purpose == ledger::KeyPurpose::kLog && known.in_force();
    if (in_force && vkey != welcome.log_vkey()) welcome.add_log_vkeys(vkey);
  }
  welcome.set_witnessed_size(witnessed_size);
}

absl::StatusOr<PolicyConfig> ReadPolicyConfig(const CoordinatorConfig& config) {
  PolicyConfig policy;
  if (config.faulty >= 0) policy.faulty = config.faulty;
  if (config.policy_file.empty()) return policy;
  ASSIGN_OR_RETURN(policy.text, ReadPublicFile(config.policy_file, ledger::kMaxPolicyBytes));
  return policy;
}

// The port of a coordinator that took a free one, for whoever started it.
absl::StatusOr<std::string> AnnouncePort(const CoordinatorConfig& config, int port) {
  RETURN_IF_ERROR(WriteFileDurably(config.state_directory + "/port", absl::StrCat(port, "\n")));
  ASSIGN_OR_RETURN(const HostPort advertised, SplitHostPort(config.advertise));
  if (advertised.port != 0) return config.advertise;
  return absl::StrCat(config.advertise.substr(0, config.advertise.rfind(':')), ":", port);
}

// Everything after the process has restricted itself: threads may exist from here on. Objects end in the
// opposite order of their making; the control executor stops before what it owns.
absl::Status Serve(const CoordinatorConfig& config, Launcher* launcher, const EndSignals& end) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, SqliteStore::Open(config.database()));
  ASSIGN_OR_RETURN(const CoordinatorKeys keys, LoadCoordinatorKeys(config, *store));
  RETURN_IF_ERROR(KeepServerCertificate(config, keys.authority, absl::Now()));
  ASSIGN_OR_RETURN(const std::unique_ptr<ArtifactStore> artifacts, ArtifactStore::Open(config.artifacts()));
  MetricsRegistry registry;
  FederationMetrics metrics(registry);
  std::unique_ptr<MetricsExposer> exposer;
  if (!config.metrics_listen.empty()) {
    ASSIGN_OR_RETURN(exposer, MetricsExposer::Start(registry, config.metrics_listen));
  }
  GrpcTrainer trainer(
      {.socket_path = config.trainer_socket,
       .on_stuck = launcher == nullptr ? std::function<void()>() : [launcher] { launcher->KillTrainer(); },
       .limits = {}});

  ThreadExecutor control;
  ASSIGN_OR_RETURN(const std::unique_ptr<Sequencer> sequencer, OpenSequencer(config, *store, keys, control));
  sequencer->OnSealFailure([](const absl::Status& status) {
    spdlog::critical("ledger cannot be sealed; check the disk and restore a backup: {}", status.ToString());
  });
  MemberDirectory directory;
  Enrolment enrolment({*store, *sequencer, keys.authority, directory, control}, config.advertise);
  Publishing publishing(registry, *store, *sequencer, control, config.publish_directory);
  uint64_t witnessed_size = 0;
  SessionRegistry sessions(
      control,
      {config.identity().origin, config.project, keys.log.front().verifier().ToString(),
       [&](v1::Welcome& welcome) { AddLedger(*sequencer, witnessed_size, welcome); }},
      [&](const std::string& archive) { return LastNodeSeq(*store, *sequencer, archive); }, metrics);
  LedgerMetrics ledger_metrics(registry);
  IncidentBook incidents(*store, *sequencer, control, ledger_metrics);
  StartCheck start_check({*store, *sequencer, incidents, ledger_metrics});
  ASSIGN_OR_RETURN(const PolicyConfig policy, ReadPolicyConfig(config));
  PolicyKeeper policy_keeper(*store, *sequencer, control, policy);
  WitnessBoard witnesses({*store, *sequencer, sessions, control, incidents, ledger_metrics});
  WorkerPool engine_workers(kEngineThreads);
  RoundEngine engine(
      {control, *store, *sequencer, *artifacts, sessions, trainer, engine_workers, metrics, witnesses},
      {.spool_directory = config.spool(), .witness_window = config.witness_window});
  KeyChanges key_changes(*store, *sequencer, sessions);
  StaffEntries staff_entries(*store, *sequencer, sessions);
  EventSplit events({&start_check, &incidents, &witnesses, &key_changes, &staff_entries, &engine});
  sessions.SetEvents(events);
  WorkerPool transfer_workers(kTransferThreads);
  // From here on the store and what stands on it belong to the control executor.
  RETURN_IF_ERROR(RunOn(control, [&]() -> absl::Status {
    RETURN_IF_ERROR(enrolment.Load());
    RETURN_IF_ERROR(incidents.Load());
    // Before anything is signed or appended: has anyone seen more than this database holds?
    RETURN_IF_ERROR(start_check.Begin());
    RETURN_IF_ERROR(policy_keeper.Start());
    RETURN_IF_ERROR(witnesses.Load());
    witnessed_size = witnesses.witnessed_size();
    witnesses.OnWitnessed([&](uint64_t size) {
      witnessed_size = size;
      engine.OnWitnessed(size);
    });
    witnesses.OnCosigned([&publishing](uint64_t size) { publishing.Publish(size); });
    // After every listener has heard of the session that ended the hold.
    start_check.OnSigning([&] { control.Post([&engine] { engine.OnSigning(); }); });
    policy_keeper.OnTrouble([](const absl::Status& status) {
      spdlog::critical("the policy of witnesses cannot follow the enrolled keys: {}", status.ToString());
    });
    RETURN_IF_ERROR(engine.Resume());
    sequencer->SealEvery(config.seal_delay);
    publishing.Start();
    Repeat(control, kMetricsEvery, [&] { ReportLedger(*store, *artifacts, metrics); });
    Repeat(control, kCertificateCheckEvery, [&] {
      const absl::Status status = KeepServerCertificate(config, keys.authority, control.WallClock());
      if (!status.ok()) spdlog::error("server certificate cannot be renewed: {}", status.ToString());
    });
    return absl::OkStatus();
  }));

  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(MakeEnrolmentService(config.federation, enrolment, control));
  services.push_back(
      MakeFederationService({kSoftwareVersion, enrolment, *store, *sequencer, *artifacts, control,
                             [&](absl::string_view archive) { return ConnectionOf(sessions, archive); },
                             [&] { return engine.ActiveJobs(); }, [&] { return engine.draining(); },
                             [&] { return start_check.hold(); }, [&] { return incidents.open(); }}));
  services.push_back(MakeLedgerService(
      {config.federation, *store, *sequencer, directory, control, witnesses, incidents, key_changes}));
  services.push_back(MakeSessionService({config.federation, sessions, directory, control}));
  services.push_back(
      MakeJobService({config.federation, engine, directory, control,
                      [&](const std::string& job) { return ReportOf(job, *store, *sequencer); }}));
  services.push_back(MakeTransferService({config.federation, *artifacts, engine, directory, control,
                                          transfer_workers, config.bulk_streams, config.artifact_quota_bytes,
                                          [&] { return engine.ArtifactsInUse(); },
                                          [&](uint64_t bytes) { metrics.BytesReceived(bytes); },
                                          [&](uint64_t bytes) { metrics.BytesSent(bytes); }}));
  std::vector<grpc::Service*> served;
  for (const auto& service : services) served.push_back(service.get());
  auto server = CoordinatorServer::Start({config.listen, config.federation, config.tls()}, directory, served);
  absl::Status status = server.status();
  if (server.ok()) {
    ASSIGN_OR_RETURN(std::string address, AnnouncePort(config, (*server)->port()));
    control.Post([&enrolment, address] { enrolment.SetAddress(address); });
    LogTrainerEnds(launcher, "consort-coordinator");
    (*server)->SetServing(true);
    control.Post([&start_check, serving = server->get()] {
      start_check.OnRolledBack([serving] { serving->SetServing(false); });
    });
    spdlog::info("consort-coordinator is ready: federation {}, listening on port {}", config.federation,
                 (*server)->port());

    const int signal = end.Wait();
    spdlog::info("signal {}: draining, no new round is opened", signal);
    (*server)->SetServing(false);
    control.Post([&engine] { engine.Drain(); });
    if (!WaitForOpenRounds(control, *store, config.drain_limit)) {
      spdlog::warn("rounds are still open after {}; they go on with the next start",
                   absl::FormatDuration(config.drain_limit));
    }
    control.Post([&sessions] { sessions.Drain(); });
    (*server)->Shutdown(kLastCalls);
  }
  transfer_workers.Stop();
  engine_workers.Stop();
  publishing.Stop();
  control.Stop();
  return status;
}

}  // namespace

absl::Status RunCoordinator(const RunOptions& options) {
  ASSIGN_OR_RETURN(const CoordinatorConfig config, LoadCoordinatorConfig(options.config));
  if (options.check_config) return absl::OkStatus();
  PrepareGrpcRuntime();
  RETURN_IF_ERROR(StartJsonLog("consort-coordinator", config.log_level));
  LogGrpcThroughSpdlog();
  // The store takes the lock for good when it is opened; asked here, a second start says so before it starts
  // anything.
  RETURN_IF_ERROR(StateLock::Take(config.database() + ".lock").status());
  ASSIGN_OR_RETURN(const std::unique_ptr<Launcher> launcher,
                   StartTrainer({config.trainer_socket, config.trainer_program, config.trainer_config}));
  RETURN_IF_ERROR(Restrict(config, options.unsafe_no_sandbox));
  const EndSignals end;
  return Serve(config, launcher.get(), end);
}

}  // namespace consort::coordinator
