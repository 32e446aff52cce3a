#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/certificate.h"
#include "common/crypto/signing_key.h"
#include "common/rpc/member_id.h"
#include "common/status/macros.h"
#include "common/sync/thread_executor.h"
#include "coordinator/app/commands.h"
#include "coordinator/app/coordinator_config.h"
#include "coordinator/app/keys.h"
#include "coordinator/app/server_certificate.h"
#include "coordinator/app/trainer_file.h"
#include "coordinator/enrol/enrolment.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::coordinator {
namespace {

namespace fs = std::filesystem;

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  return error ? StatusOfErrno(error.value(), absl::StrCat("make folder ", path)) : absl::OkStatus();
}

std::string TrainerBesideUs() {
  std::error_code error;
  const fs::path us = fs::read_symlink("/proc/self/exe", error);
  return error ? "/usr/bin/consort-trainer" : (us.parent_path() / "consort-trainer").string();
}

absl::Status CheckOptions(const InitOptions& options, const std::string& advertise) {
  RETURN_IF_ERROR(CheckFederationName(options.federation));
  RETURN_IF_ERROR(CheckMemberName(options.project));
  RETURN_IF_ERROR(CheckMemberName(options.first_operator));
  RETURN_IF_ERROR(SplitHostPort(options.listen).status());
  ASSIGN_OR_RETURN(const HostPort advertised, SplitHostPort(advertise));
  if (advertised.host == "0.0.0.0" || advertised.host == "::") {
    return absl::InvalidArgumentError(absl::StrCat(
        "members cannot dial this address; give the one they reach with --advertise HOST:PORT: ", advertise));
  }
  std::error_code error;
  if (fs::exists(options.directory, error) && !fs::is_empty(options.directory, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat("folder is not empty; name a new one with --directory: ", options.directory));
  }
  return absl::OkStatus();
}

absl::Status MakeKeys(const CoordinatorConfig& config) {
  ASSIGN_OR_RETURN(const CertificateAuthority authority,
                   CertificateAuthority::Create(config.federation, absl::Now()));
  RETURN_IF_ERROR(authority.Save(config.Key("ca.pem"), config.Key("ca.key")));
  ASSIGN_OR_RETURN(const std::string tls_key, GenerateTlsKeyPem());
  RETURN_IF_ERROR(WriteNewFile(config.Key("tls.key"), tls_key, 0600));
  RETURN_IF_ERROR(KeepServerCertificate(config, authority, absl::Now()));
  RETURN_IF_ERROR(config.keys().Save(SigningKey::Generate(config.identity().origin), "log.key"));
  return config.keys().Save(SigningKey::Generate(config.entry_key_name()), "entries.key");
}

// Starts the ledger with the coordinator's own keys and invites the first operator.
absl::StatusOr<std::string> StartFederation(const CoordinatorConfig& config,
                                            const std::string& first_operator) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, SqliteStore::Open(config.database()));
  ASSIGN_OR_RETURN(const CoordinatorKeys keys, LoadCoordinatorKeys(config, *store));
  ThreadExecutor clock;  // nothing runs on it: this thread is the owner of everything here
  ASSIGN_OR_RETURN(const auto sequencer, OpenSequencer(config, *store, keys, clock));
  MemberDirectory directory;
  Enrolment enrolment({*store, *sequencer, keys.authority, directory, clock}, config.advertise);
  RETURN_IF_ERROR(enrolment.EnrolCoordinator());
  RETURN_IF_ERROR(sequencer->Seal().status());
  ASSIGN_OR_RETURN(const Enrolment::Created invitation,
                   enrolment.CreateInvitation(v1::ROLE_OPERATOR, first_operator, /*valid_hours=*/0));
  return invitation.line;
}

}  // namespace

absl::Status RunInit(const InitOptions& options) {
  const std::string advertise = options.advertise.empty() ? options.listen : options.advertise;
  RETURN_IF_ERROR(CheckOptions(options, advertise));
  const std::string& directory = options.directory;
  for (const char* folder :
       {"", "/keys", "/state", "/state/artifacts", "/state/spool", "/trainer", "/trainer/state"}) {
    RETURN_IF_ERROR(MakeDirectory(directory + folder));
  }
  const std::string trainer = options.trainer_program.empty() ? TrainerBesideUs() : options.trainer_program;
  ASSIGN_OR_RETURN(const std::string text, FormatCoordinatorConfig(options.federation, options.project,
                                                                   options.listen, advertise, trainer));
  const std::string config_path = directory + "/coordinator.toml";
  RETURN_IF_ERROR(WriteNewFile(config_path, text, 0600));
  ASSIGN_OR_RETURN(CoordinatorConfig config, LoadCoordinatorConfig(config_path));
  // What this command was told holds, whatever the environment says about a coordinator that runs.
  config.federation = options.federation;
  config.project = options.project;
  config.advertise = advertise;
  config.credentials.clear();  // nor whatever keys it was given
  RETURN_IF_ERROR(WriteTrainerFile(directory + "/trainer"));
  RETURN_IF_ERROR(MakeKeys(config));
  ASSIGN_OR_RETURN(const std::string invitation, StartFederation(config, options.first_operator));
  std::cout << invitation << std::endl;
  std::cerr << "coordinator made in " << directory << "\n"
            << "1. consort-coordinator run --config " << config_path << "\n"
            << "2. consort enrol INVITATION   (the line above, good once, for " << options.first_operator
            << ")\n";
  return absl::OkStatus();
}

}  // namespace consort::coordinator
