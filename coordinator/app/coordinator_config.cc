#include "coordinator/app/coordinator_config.h"

#include <arpa/inet.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/config/document.h"
#include "common/metrics/listen_address.h"
#include "common/rpc/member_id.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

constexpr int64_t kMaxQuotaBytes = int64_t{1} << 50;  // a pebibyte: past any disk here

// Takes `path` from the folder of the configuration; an empty one stays empty.
std::string From(const std::string& folder, const std::string& path) {
  if (path.empty()) return path;
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

absl::Status CheckAddress(const ConfigDocument& document, absl::string_view key, const std::string& address) {
  const absl::Status status = SplitHostPort(address).status();
  return status.ok() ? status : document.Refuse("server", key, status.message());
}

}  // namespace

LedgerIdentity CoordinatorConfig::identity() const {
  return {federation, project, absl::StrCat("ledger.", federation, "/", project)};
}

std::string CoordinatorConfig::entry_key_name() const {
  return absl::StrCat("coordinator.", federation, "/entries");
}

absl::StatusOr<std::string> TomlLiteral(const std::string& text) {
  for (const char c : text) {
    if (c == '\'' || static_cast<unsigned char>(c) < 0x20) {
      return absl::InvalidArgumentError(absl::StrCat(
          "text cannot stand in a configuration file; choose one without quotes and line breaks: ", text));
    }
  }
  return absl::StrCat("'", text, "'");
}

absl::StatusOr<HostPort> SplitHostPort(const std::string& address) {
  const size_t colon = address.rfind(':');
  HostPort result;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &result.port) || result.port < 0 || result.port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("address must be HOST:PORT: '", address, "'"));
  }
  absl::string_view host = absl::string_view(address).substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  result.host = std::string(host);
  unsigned char bytes[sizeof(in6_addr)];
  result.is_ip = inet_pton(AF_INET, result.host.c_str(), bytes) == 1 ||
                 inet_pton(AF_INET6, result.host.c_str(), bytes) == 1;
  return result;
}

absl::StatusOr<CoordinatorConfig> LoadCoordinatorConfig(const std::string& path) {
  ASSIGN_OR_RETURN(ConfigDocument document, ConfigDocument::Read(path, ProcessEnvironment()));
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return absl::InternalError(absl::StrCat("folder of the configuration cannot be told: ", path));
  const std::string folder = absolute.parent_path().string();
  CoordinatorConfig config;
  ASSIGN_OR_RETURN(config.federation, document.String("federation", "name"));
  ASSIGN_OR_RETURN(config.project, document.String("federation", "project", "music"));
  ASSIGN_OR_RETURN(config.listen, document.String("server", "listen", "127.0.0.1:8443"));
  ASSIGN_OR_RETURN(config.advertise, document.String("server", "advertise", config.listen));
  ASSIGN_OR_RETURN(config.state_directory, document.String("state", "directory", "state"));
  ASSIGN_OR_RETURN(config.keys_directory, document.String("state", "keys", "keys"));
  ASSIGN_OR_RETURN(const int64_t seal, document.Integer("ledger", "seal_seconds", 10, {1, 3600}, "s"));
  ASSIGN_OR_RETURN(config.policy_file, document.String("ledger", "policy", ""));
  ASSIGN_OR_RETURN(const int64_t faulty, document.Integer("ledger", "faulty", -1, {-1, 255}, "witnesses"));
  ASSIGN_OR_RETURN(config.publish_directory, document.String("ledger", "publish", ""));
  ASSIGN_OR_RETURN(const int64_t witness_hours,
                   document.Integer("ledger", "witness_hours", 24, {1, 720}, "hours"));
  ASSIGN_OR_RETURN(config.passphrase_file, document.String("keys", "passphrase_file", ""));
  ASSIGN_OR_RETURN(config.trainer_socket, document.String("trainer", "socket", "state/trainer.sock"));
  ASSIGN_OR_RETURN(config.trainer_program, document.String("trainer", "program", ""));
  ASSIGN_OR_RETURN(config.trainer_config, document.String("trainer", "config", "trainer/trainer.toml"));
  ASSIGN_OR_RETURN(const int64_t streams, document.Integer("limits", "bulk_streams", 8, {1, 64}, "streams"));
  ASSIGN_OR_RETURN(const int64_t quota,
                   document.Integer("limits", "artifact_quota_bytes", 0, {0, kMaxQuotaBytes}, "bytes"));
  ASSIGN_OR_RETURN(const int64_t drain, document.Integer("limits", "drain_seconds", 30, {0, 3600}, "s"));
  ASSIGN_OR_RETURN(config.metrics_listen, document.String("metrics", "listen", "127.0.0.1:9464"));
  ASSIGN_OR_RETURN(config.log_level, document.String("log", "level", "info"));
  RETURN_IF_ERROR(document.RefuseUnknown());
  for (std::string* name :
       {&config.state_directory, &config.keys_directory, &config.passphrase_file, &config.policy_file,
        &config.publish_directory, &config.trainer_socket, &config.trainer_program, &config.trainer_config}) {
    *name = From(folder, *name);
  }
  config.credentials = CredentialsDirectory();
  config.seal_delay = absl::Seconds(seal);
  config.faulty = static_cast<int>(faulty);
  config.witness_window = absl::Hours(witness_hours);
  config.bulk_streams = static_cast<int>(streams);
  config.artifact_quota_bytes = static_cast<uint64_t>(quota);
  config.drain_limit = absl::Seconds(drain);
  if (const absl::Status status = CheckFederationName(config.federation); !status.ok()) {
    return document.Refuse("federation", "name", status.message());
  }
  if (const absl::Status status = CheckMemberName(config.project); !status.ok()) {
    return document.Refuse("federation", "project", status.message());
  }
  RETURN_IF_ERROR(CheckAddress(document, "listen", config.listen));
  RETURN_IF_ERROR(CheckAddress(document, "advertise", config.advertise));
  if (!config.metrics_listen.empty()) {
    const absl::Status status = CheckMetricsAddress(config.metrics_listen);
    if (!status.ok()) return document.Refuse("metrics", "listen", status.message());
  }
  return config;
}

absl::StatusOr<std::string> FormatCoordinatorConfig(const std::string& federation, const std::string& project,
                                                    const std::string& listen, const std::string& advertise,
                                                    const std::string& trainer_program) {
  ASSIGN_OR_RETURN(const std::string program, TomlLiteral(trainer_program));
  ASSIGN_OR_RETURN(const std::string listen_text, TomlLiteral(listen));
  ASSIGN_OR_RETURN(const std::string advertise_text, TomlLiteral(advertise));
  return absl::StrCat(
      "# consort-coordinator. Relative paths are taken from the folder of this file.\n"
      "[federation]  # fixed: names in certificates and in the ledger\nname = '",
      federation, "'\nproject = '", project, "'\n\n[server]\nlisten = ", listen_text,
      "\nadvertise = ", advertise_text,
      "  # in invitations: how members reach this coordinator\n\n"
      "[state]\ndirectory = 'state'\nkeys = 'keys'\n\n"
      "[ledger]  # policy = '': a majority of the archives must have seen a model's release\n"
      "seal_seconds = 10\npolicy = ''\nwitness_hours = 24\n"
      "publish = ''  # folder for the static export; any web server may serve it\n\n"
      "[keys]\npassphrase_file = ''  # opens encrypted keys; '' = none are\n\n"
      "[trainer]  # program = '' if something else starts it\nsocket = 'state/trainer.sock'\nprogram = ",
      program,
      "\nconfig = 'trainer/trainer.toml'\n\n"
      "[limits]\nbulk_streams = 8\nartifact_quota_bytes = 0  # 0: bounded by the disk\ndrain_seconds = 30\n\n"
      "[metrics]\nlisten = '127.0.0.1:9464'  # loopback only; '' = off\n\n"
      "[log]\nlevel = 'info'\n");
}

}  // namespace consort::coordinator
