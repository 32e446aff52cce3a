#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"
#include "common/text/text_table.h"
#include "nlohmann/json.hpp"
#include "node/app/commands.h"
#include "node/app/node_config.h"
#include "node/rpc/control_client.h"
#include "node/witness/incidents.h"

namespace consort::node {
namespace {

using Json = nlohmann::ordered_json;

std::string StateOf(const Incident& incident) {
  if (incident.decision.empty()) return "open";
  return absl::StrCat(incident.open() ? "open, " : "closed, ", incident.decision, " by ", incident.by);
}

std::string TimeOf(const Incident& incident) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(incident.unix_seconds),
                          absl::UTCTimeZone());
}

Json JsonOf(const Incident& incident) {
  return {{"id", incident.id},
          {"kind", incident.kind},
          {"detail", incident.detail},
          {"unix_seconds", incident.unix_seconds},
          {"resolved", !incident.open()},
          {"decision", incident.decision},
          {"by", incident.by}};
}

// From the archive's own disk: they are to be read when the daemon does not run, too.
absl::StatusOr<std::unique_ptr<Incidents>> OpenIncidents(const NodeConfig& config) {
  return Incidents::Open(config.state_directory + "/ledger/incidents");
}

}  // namespace

absl::Status RunIncidentList(const IncidentOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  ASSIGN_OR_RETURN(const auto incidents, OpenIncidents(config));
  const std::vector<Incident> list = incidents->List();
  if (options.format == OutputFormat::kJson) {
    Json json = Json::array();
    for (const Incident& incident : list) json.push_back(JsonOf(incident));
    PrintData(json.dump(2) + "\n");
    return absl::OkStatus();
  }
  std::vector<std::vector<std::string>> rows = {{"ID", "TIME", "KIND", "STATE", "DETAIL"}};
  for (const Incident& incident : list)
    rows.push_back({incident.id, TimeOf(incident), incident.kind, StateOf(incident), incident.detail});
  PrintData(list.empty() ? Message("node.incident.none") + "\n" : FormatTable(rows));
  if (!incidents->OpenId().empty()) PrintNote(Message("node.incident.open.do") + "\n");
  return absl::OkStatus();
}

absl::Status RunIncidentShow(const IncidentOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  ASSIGN_OR_RETURN(const auto incidents, OpenIncidents(config));
  ASSIGN_OR_RETURN(const Evidence evidence, incidents->EvidenceOf(options.id));
  const std::vector<Incident> list = incidents->List();
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Incident& incident) { return incident.id == options.id; });
  if (options.format == OutputFormat::kJson) {
    Json json = JsonOf(*found);
    for (const auto& [name, bytes] : evidence) json["evidence"][name] = bytes;
    PrintData(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return absl::OkStatus();
  }
  std::string text =
      absl::StrCat(found->id, "  ", found->kind, "  ", TimeOf(*found), "  ", StateOf(*found), "\n",
                   found->detail, "\n", Message(absl::StrCat("node.incident.kind", ".", found->kind)), "\n");
  for (const auto& [name, bytes] : evidence) absl::StrAppend(&text, "\n--- ", name, "\n", bytes, "\n");
  PrintData(text);
  if (found->open()) PrintNote(Message("node.incident.open.do") + "\n");
  return absl::OkStatus();
}

absl::Status RunIncidentResolve(const IncidentOptions& options) {
  ASSIGN_OR_RETURN(const NodeConfig config, LoadNodeConfig(options.config));
  v1::ResolveIncidentRequest request;
  request.set_id(options.id);
  request.set_decision(options.decision);
  request.set_by(options.by);
  RETURN_IF_ERROR(ResolveNodeIncident(config.control_socket, request));
  PrintNote(Message("node.incident.decided", {{"id", options.id}, {"decision", options.decision}}) + "\n");
  return absl::OkStatus();
}

}  // namespace consort::node
