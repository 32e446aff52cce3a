#include "node/app/node_config.h"

#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/document.h"
#include "common/rpc/member_id.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::node {
namespace {

constexpr int64_t kMaxRounds = 10'000;
constexpr int64_t kMaxUpdateBytes = int64_t{1} << 40;

absl::Status ReadArchive(ConfigDocument& document, NodeConfig& config) {
  ASSIGN_OR_RETURN(config.archive, document.String("archive", "name"));
  if (const absl::Status good = CheckMemberName(config.archive); !good.ok()) {
    return document.Refuse("archive", "name", good.message());
  }
  ASSIGN_OR_RETURN(config.federation, document.String("archive", "federation"));
  if (const absl::Status good = CheckFederationName(config.federation); !good.ok()) {
    return document.Refuse("archive", "federation", good.message());
  }
  ASSIGN_OR_RETURN(config.project, document.String("archive", "project"));
  ASSIGN_OR_RETURN(config.address, document.String("coordinator", "address"));
  ASSIGN_OR_RETURN(config.log_vkey, document.String("coordinator", "log_vkey"));
  ASSIGN_OR_RETURN(config.entry_vkey, document.String("coordinator", "entry_vkey"));
  ASSIGN_OR_RETURN(config.proxy, document.String("coordinator", "proxy", ""));
  return absl::OkStatus();
}

absl::Status ReadPolicy(ConfigDocument& document, StandingPolicy& policy) {
  using Names = std::vector<std::string>;
  ASSIGN_OR_RETURN(policy.purposes, document.Strings("policy", "purposes", Names{}));
  ASSIGN_OR_RETURN(policy.architectures, document.Strings("policy", "architectures", Names{}));
  ASSIGN_OR_RETURN(const int64_t bytes,
                   document.Integer("policy", "max_update_bytes", 0, {0, kMaxUpdateBytes}, "bytes"));
  ASSIGN_OR_RETURN(const int64_t rounds,
                   document.Integer("policy", "max_rounds", 0, {0, kMaxRounds}, "rounds"));
  ASSIGN_OR_RETURN(const int64_t quorum,
                   document.Integer("policy", "min_quorum", 1, {1, kMaxRounds}, "archives"));
  policy.max_update_bytes = static_cast<uint64_t>(bytes);
  policy.max_rounds = static_cast<uint32_t>(rounds);
  policy.min_quorum = static_cast<uint32_t>(quorum);
  return absl::OkStatus();
}

absl::Status ReadControl(ConfigDocument& document, NodeConfig& config) {
  ASSIGN_OR_RETURN(config.control_socket,
                   document.String("control", "socket", config.state_directory + "/control.sock"));
  ASSIGN_OR_RETURN(const std::vector<std::string> uids,
                   document.Strings("control", "uids", std::vector<std::string>{}));
  for (const std::string& text : uids) {
    uint32_t uid = 0;
    if (!absl::SimpleAtoi(text, &uid))
      return document.Refuse("control", "uids", "must hold numeric user ids");
    config.control_uids.push_back(uid);
  }
  return absl::OkStatus();
}

}  // namespace

std::string NodeConfig::origin() const { return absl::StrCat("ledger.", federation, "/", project); }

absl::StatusOr<NodeConfig> LoadNodeConfig(const std::string& path) {
  ASSIGN_OR_RETURN(ConfigDocument document, ConfigDocument::Read(path, ProcessEnvironment()));
  NodeConfig config;
  RETURN_IF_ERROR(ReadArchive(document, config));
  ASSIGN_OR_RETURN(config.state_directory, document.String("state", "directory"));
  ASSIGN_OR_RETURN(config.keys_directory, document.String("state", "keys"));
  ASSIGN_OR_RETURN(config.passphrase_file, document.String("keys", "passphrase_file", ""));
  RETURN_IF_ERROR(ReadPolicy(document, config.policy));
  ASSIGN_OR_RETURN(config.trainer_socket, document.String("trainer", "socket"));
  ASSIGN_OR_RETURN(config.trainer_program, document.String("trainer", "program", ""));
  ASSIGN_OR_RETURN(config.trainer_config, document.String("trainer", "config", ""));
  RETURN_IF_ERROR(ReadControl(document, config));
  ASSIGN_OR_RETURN(config.metrics_listen, document.String("metrics", "listen", ""));
  ASSIGN_OR_RETURN(config.log_level, document.String("log", "level", "info"));
  RETURN_IF_ERROR(document.RefuseUnknown());
  return config;
}

std::string FormatNodeConfig(const NodeConfig& config) {
  const auto quoted = [](const std::string& text) { return TomlString(text).value_or("\"\""); };
  std::vector<std::string> purposes;
  for (const std::string& purpose : config.policy.purposes) purposes.push_back(quoted(purpose));
  return absl::StrCat(
      "# The archive's daemon. Recordings and consent are in the trainer's own file, which the daemon cannot "
      "open.\n"
      "[archive]\nname = ",
      quoted(config.archive), "\nfederation = ", quoted(config.federation),
      "\nproject = ", quoted(config.project), "\n\n[coordinator]\naddress = ", quoted(config.address),
      "\nlog_vkey = ", quoted(config.log_vkey), "\nentry_vkey = ", quoted(config.entry_vkey),
      "\nproxy = ", quoted(config.proxy),
      "  # HTTP CONNECT proxy HOST:PORT; \"\" = none\n\n[state]\ndirectory = ",
      quoted(config.state_directory), "\nkeys = ", quoted(config.keys_directory),
      "\n\n# What the daemon may approve by itself. What is not allowed here is refused.\n[policy]\npurposes "
      "= [",
      absl::StrJoin(purposes, ", "), "]\nmax_update_bytes = ", config.policy.max_update_bytes,
      "\nmax_rounds = ", config.policy.max_rounds, "\nmin_quorum = ", config.policy.min_quorum,
      "\n\n[trainer]\nsocket = ", quoted(config.trainer_socket),
      "\nprogram = ", quoted(config.trainer_program),
      "  # \"\" = started by somebody else\nconfig = ", quoted(config.trainer_config),
      "\n\n[control]\nsocket = ", quoted(config.control_socket),
      "\n\n[metrics]\nlisten = ", quoted(config.metrics_listen),
      "  # loopback HOST:PORT; \"\" = off\n\n[log]\nlevel = ", quoted(config.log_level), "\n");
}

absl::StatusOr<std::string> TomlString(const std::string& text) {
  try {
    return nlohmann::json(text).dump();  // JSON's escapes are a subset of TOML's
  } catch (const nlohmann::json::exception&) {
    return absl::InvalidArgumentError("a name or path is not UTF-8 and cannot stand in a configuration file");
  }
}

}  // namespace consort::node
