#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"
#include "common/text/text_table.h"
#include "nlohmann/json.hpp"
#include "node/app/commands.h"
#include "node/app/node_config.h"
#include "node/rpc/control_client.h"

namespace consort::node {
namespace {

using Json = nlohmann::ordered_json;

// "12 <root>": the second and third line of a checkpoint.
std::string ShortCheckpoint(const std::string& note) {
  const std::vector<std::string> lines = absl::StrSplit(note, absl::MaxSplits('\n', 3));
  return lines.size() < 3 ? "none yet" : absl::StrCat("size ", lines[1], " root ", lines[2]);
}

Json JsonOf(const v1::NodeStatus& status) {
  Json json = {{"archive", status.archive()},
               {"federation", status.federation()},
               {"coordinator", status.coordinator_address()},
               {"connection", status.connection()},
               {"last_error", status.last_error()},
               {"session", status.session_id()},
               {"connected_since", status.connected_since_unix_seconds()},
               {"trainer_ready", status.trainer_ready()},
               {"trainer_sandboxed", status.trainer().sandboxed()},
               {"tasks", Json::array()},
               {"traditions", Json::array()},
               {"unusable_recordings", status.trainer().problems_size()},
               {"journal_rows", status.journal_rows()},
               {"bytes_sent", status.bytes_sent_total()},
               {"ledger_checkpoint", status.ledger_checkpoint()},
               {"mirror_entries", status.mirror_size()},
               {"witnessed_checkpoint", status.witnessed_checkpoint()},
               {"incidents", Json::array()}};
  for (const v1::NodeIncident& incident : status.incidents()) {
    json["incidents"].push_back({{"id", incident.id()},
                                 {"kind", incident.kind()},
                                 {"detail", incident.detail()},
                                 {"unix_seconds", incident.unix_seconds()},
                                 {"resolved", incident.resolved()},
                                 {"decision", incident.decision()}});
  }
  for (const std::string& task : status.running_tasks()) json["tasks"].push_back(task);
  for (const v1::TraditionSupply& supply : status.trainer().supplies()) {
    json["traditions"].push_back({{"tradition", supply.tradition()},
                                  {"training_recordings", supply.training_recordings()},
                                  {"holdout_recordings", supply.holdout_recordings()},
                                  {"training_seconds", supply.training_seconds()}});
  }
  return json;
}

void PrintTable(const v1::NodeStatus& status) {
  std::vector<std::vector<std::string>> rows = {
      {"archive", absl::StrCat(status.archive(), " of ", status.federation())},
      {"coordinator", status.coordinator_address()},
      {"connection", status.connection()}};
  if (!status.last_error().empty()) rows.push_back({"last error", status.last_error()});
  rows.push_back({"trainer", status.trainer_ready()
                                 ? absl::StrCat("ready, ", status.trainer().threads(), " threads")
                                 : std::string("not ready")});
  for (const v1::TraditionSupply& supply : status.trainer().supplies()) {
    rows.push_back({"tradition", absl::StrCat(supply.tradition(), ": ", supply.training_recordings(), " + ",
                                              supply.holdout_recordings(), " recordings, ",
                                              supply.training_seconds(), " s for training")});
  }
  rows.push_back(
      {"tasks", status.running_tasks().empty() ? "none" : absl::StrJoin(status.running_tasks(), ", ")});
  rows.push_back(
      {"journal", absl::StrCat(status.journal_rows(), " rows, ", status.bytes_sent_total(), " bytes sent")});
  rows.push_back({"ledger", ShortCheckpoint(status.ledger_checkpoint())});
  rows.push_back({"mirror", absl::StrCat(status.mirror_size(), " entries")});
  rows.push_back({"cosigned", ShortCheckpoint(status.witnessed_checkpoint())});
  for (const v1::NodeIncident& incident : status.incidents()) {
    if (!incident.resolved())
      rows.push_back(
          {"INCIDENT", absl::StrCat(incident.id(), " ", incident.kind(), ": ", incident.detail())});
  }
  PrintData(FormatTable(rows));
  if (rows.back().front() == "INCIDENT") PrintNote(Message("node.incident.open.do") + "\n");
}

}  // namespace

absl::Status RunStatus(const StatusOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  ASSIGN_OR_RETURN(const v1::NodeStatus status, AskNodeStatus(config.control_socket));
  if (options.format == OutputFormat::kJson) {
    PrintData(JsonOf(status).dump(2) + "\n");
  } else {
    PrintTable(status);
  }
  return absl::OkStatus();
}

}  // namespace consort::node
