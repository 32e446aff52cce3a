#include "coordinator/witness/incident_book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

std::string Printable(absl::string_view text, size_t most) {
  std::string clean;
  for (const char c : text.substr(0, most)) clean.push_back(c >= 0x20 && c < 0x7F ? c : ' ');
  return clean;
}

// What an archive may send, whatever it sent.
v1::IncidentReport Bounded(const v1::IncidentReport& report) {
  v1::IncidentReport bounded;
  bounded.set_id(Printable(report.id(), 64));
  bounded.set_kind(Printable(report.kind(), 64));
  bounded.set_detail(Printable(report.detail(), IncidentBook::kMaxDetailBytes));
  for (const std::string& piece : report.evidence()) {
    if (bounded.evidence_size() == static_cast<int>(IncidentBook::kMaxEvidence)) break;
    bounded.add_evidence(piece.substr(0, IncidentBook::kMaxEvidenceBytes));
  }
  return bounded;
}

// A digest that names the evidence without telling it.
std::string EvidenceDigest(const v1::IncidentReport& report) {
  std::string digests;
  for (const std::string& piece : report.evidence()) absl::StrAppend(&digests, Sha256Hex(piece), "\n");
  return Sha256Hex(digests);
}

}  // namespace

absl::Status IncidentBook::Load() {
  ASSIGN_OR_RETURN(const std::vector<v1::Incident> incidents, List());
  open_ = 0;
  for (const v1::Incident& incident : incidents) {
    metrics_.CountIncident(incident.kind());
    if (!incident.resolved()) ++open_;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> IncidentBook::AppendEntry(Transaction& transaction, const IncidentRow& row,
                                                   const v1::IncidentReport& report, int64_t resolved_index) {
  nlohmann::json predicate = {{"kind", row.kind}, {"archive", row.archive}, {"detail", row.detail}};
  if (resolved_index >= 0) predicate["resolved_index"] = resolved_index;
  ASSIGN_OR_RETURN(const Appended appended,
                   sequencer_.AppendOwn(transaction, ledger::Kind::kIncident,
                                        {{"evidence", EvidenceDigest(report)}}, std::move(predicate)));
  return appended.index;
}

absl::Status IncidentBook::Report(const std::string& archive, const v1::IncidentReport& told, Entry entry) {
  const v1::IncidentReport report = Bounded(told);
  IncidentRow row{report.id(), report.kind(), archive, report.detail()};
  bool is_new = false;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<IncidentRow> rows, transaction.ListIncidents());
    size_t open = 0;
    for (const IncidentRow& known : rows) {
      if (known.id == row.id) return absl::OkStatus();
      open += known.archive == archive && !known.resolved;
    }
    if (open >= kMaxOpen) return absl::OkStatus();
    row.unix_seconds = absl::ToUnixSeconds(executor_.WallClock());
    v1::IncidentReport evidence;
    *evidence.mutable_evidence() = report.evidence();
    row.evidence = evidence.SerializeAsString();
    if (entry == Entry::kAppend) {
      ASSIGN_OR_RETURN(const uint64_t index, AppendEntry(transaction, row, report, -1));
      row.leaf_index = static_cast<int64_t>(index);
    }
    is_new = true;
    return transaction.Put(row);
  }));
  spdlog::critical("incident {}: {} (archive {}){}", row.kind, row.detail, archive,
                   is_new ? "" : "; known already, or too many are open");
  if (!is_new) return absl::OkStatus();
  ++open_;
  metrics_.CountIncident(row.kind);
  return absl::OkStatus();
}

absl::StatusOr<bool> IncidentBook::IsOpen(const std::string& archive, const std::string& kind) {
  ASSIGN_OR_RETURN(const std::vector<v1::Incident> incidents, List());
  return std::any_of(incidents.begin(), incidents.end(), [&](const v1::Incident& incident) {
    return incident.archive() == archive && incident.kind() == kind && !incident.resolved();
  });
}

absl::StatusOr<std::vector<v1::Incident>> IncidentBook::List() {
  std::vector<v1::Incident> incidents;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<IncidentRow> rows, transaction.ListIncidents());
    for (const IncidentRow& row : rows) {
      v1::Incident incident;
      v1::IncidentReport evidence;
      if (evidence.ParseFromString(row.evidence)) *incident.mutable_evidence() = evidence.evidence();
      incident.set_id(row.id);
      incident.set_kind(row.kind);
      incident.set_archive(row.archive);
      incident.set_detail(row.detail);
      incident.set_unix_seconds(row.unix_seconds);
      incident.set_resolved(row.resolved);
      incident.set_leaf_index(row.leaf_index < 0 ? 0 : static_cast<uint64_t>(row.leaf_index));
      incidents.push_back(std::move(incident));
    }
    return absl::OkStatus();
  }));
  return incidents;
}

absl::Status IncidentBook::Resolve(const std::string& archive) {
  uint32_t resolved = 0;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<IncidentRow> rows, transaction.ListIncidents());
    for (IncidentRow& row : rows) {
      // What has no entry is ours to resolve, by restoring the database.
      if (row.archive != archive || row.resolved || row.leaf_index < 0) continue;
      v1::IncidentReport evidence;
      evidence.ParseFromString(row.evidence);
      RETURN_IF_ERROR(AppendEntry(transaction, row, evidence, row.leaf_index).status());
      row.resolved = true;
      RETURN_IF_ERROR(transaction.Put(row));
      ++resolved;
    }
    return absl::OkStatus();
  }));
  open_ -= resolved;
  return absl::OkStatus();
}

void IncidentBook::OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) {
  if (!hello.incident().empty() || open_ == 0) return;
  const absl::Status resolved = Resolve(archive);
  if (!resolved.ok()) spdlog::error("incidents stay open: {} (archive {})", resolved.ToString(), archive);
}

void IncidentBook::OnMessage(const std::string& archive, const v1::Envelope& envelope) {
  if (!envelope.has_incident_report()) return;
  const absl::Status kept = Report(archive, envelope.incident_report(), Entry::kAppend);
  if (!kept.ok()) spdlog::critical("an incident cannot be kept: {} (archive {})", kept.ToString(), archive);
}

}  // namespace consort::coordinator
