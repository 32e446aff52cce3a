#include "node/witness/incidents.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

constexpr char kFacts[] = "incident.json";
constexpr char kUnfinished[] = ".partial";
constexpr char kUnreadable[] = "unreadable";
constexpr size_t kIdDigits = 16;

std::string IdOf(absl::string_view kind, const Evidence& evidence) {
  std::string text = absl::StrCat(kind, "\n");
  for (const auto& [name, bytes] : evidence) absl::StrAppend(&text, name, " ", Sha256Hex(bytes), "\n");
  return Sha256Hex(text).substr(0, kIdDigits);
}

absl::StatusOr<std::string> Spell(const Incident& incident) {
  nlohmann::json facts = {{"id", incident.id},
                          {"kind", incident.kind},
                          {"detail", incident.detail},
                          {"unix_seconds", incident.unix_seconds},
                          {"resolved", !incident.open()}};
  if (!incident.decision.empty()) {
    facts["decision"] = incident.decision;
    facts["by"] = incident.by;
    facts["decided_unix_seconds"] = incident.decided_unix_seconds;
  }
  ASSIGN_OR_RETURN(const std::string text, ledger::CanonicalJson(facts));
  return text + "\n";
}

absl::StatusOr<Incident> Parse(const std::string& id, absl::string_view text) {
  ASSIGN_OR_RETURN(const nlohmann::json facts, ledger::ParseStrictJson(absl::StripSuffix(text, "\n")));
  Incident incident;
  try {
    incident.id = id;
    incident.kind = facts.at("kind").get<std::string>();
    incident.detail = facts.at("detail").get<std::string>();
    incident.unix_seconds = facts.at("unix_seconds").get<int64_t>();
    incident.decision = facts.value("decision", "");
    incident.by = facts.value("by", "");
    incident.decided_unix_seconds = facts.value("decided_unix_seconds", int64_t{0});
  } catch (const nlohmann::json::exception&) {
    return absl::DataLossError("incident.json lacks a member");
  }
  return incident;
}

bool IsRole(absl::string_view by) {
  return !by.empty() && by.size() <= 64 && std::all_of(by.begin(), by.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

absl::Status CheckDecision(absl::string_view decision, absl::string_view by) {
  constexpr std::array<absl::string_view, 3> kDecisions = {kDecisionGoOn, kDecisionAcceptRestored,
                                                           kDecisionStayStopped};
  if (std::find(kDecisions.begin(), kDecisions.end(), decision) == kDecisions.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("decision must be go-on, accept-restored or stay-stopped: ", decision));
  }
  if (IsRole(by)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "who decides is named by role, never by name: 1 to 64 of a-z, 0-9 and '-', as head-of-collections");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Incidents>> Incidents::Open(const std::string& directory) {
  RETURN_IF_ERROR(MakeDirectory(directory));
  std::unique_ptr<Incidents> incidents(new Incidents(directory));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  for (const std::string& name : names) {
    if (name.size() == kIdDigits) RETURN_IF_ERROR(incidents->Load(name));
  }
  return incidents;
}

// A folder that cannot be read stands for an incident all the same: forgetting one would start the node again
// without a person.
absl::Status Incidents::Load(const std::string& id) {
  const auto text = ReadStateFile(absl::StrCat(directory_, "/", id, "/", kFacts));
  auto incident = text.ok() ? Parse(id, *text) : absl::StatusOr<Incident>(text.status());
  MutexLock lock(mutex_);
  if (incident.ok()) {
    kept_[id].incident = *std::move(incident);
  } else {
    kept_[id].incident =
        Incident{.id = id, .kind = kUnreadable, .detail = std::string(incident.status().message())};
  }
  return absl::OkStatus();
}

absl::Status Incidents::Raise(absl::string_view kind, absl::string_view detail, const Evidence& evidence,
                              absl::Time now) {
  Incident incident;
  incident.id = IdOf(kind, evidence);
  incident.kind = std::string(kind);
  incident.detail = std::string(detail);
  incident.unix_seconds = absl::ToUnixSeconds(now);
  {
    MutexLock lock(mutex_);
    const auto open = std::count_if(kept_.begin(), kept_.end(),
                                    [](const auto& kept) { return kept.second.incident.open(); });
    if (kept_.count(incident.id) > 0 || static_cast<size_t>(open) >= kMaxOpen) return absl::OkStatus();
    kept_[incident.id] = Kept{incident, evidence};
  }
  const absl::Status saved = Save(incident, evidence);
  if (saved.ok()) {
    MutexLock lock(mutex_);
    kept_[incident.id].unsaved.clear();
  }
  if (raised_) raised_(incident);
  return saved;
}

// The folder gets its name last, when everything in it is on the disk.
absl::Status Incidents::Save(const Incident& incident, const Evidence& evidence) const {
  const std::string folder = absl::StrCat(directory_, "/", incident.id);
  const std::string unfinished = folder + kUnfinished;
  RETURN_IF_ERROR(RemoveAll(unfinished));
  RETURN_IF_ERROR(MakeDirectory(unfinished));
  for (const auto& [name, bytes] : evidence)
    RETURN_IF_ERROR(WriteSyncedFile(absl::StrCat(unfinished, "/", name), bytes));
  ASSIGN_OR_RETURN(const std::string facts, Spell(incident));
  RETURN_IF_ERROR(WriteFileDurably(absl::StrCat(unfinished, "/", kFacts), facts));
  return RenameDurably(unfinished, folder);
}

absl::Status Incidents::Resolve(const std::string& id, absl::string_view decision, absl::string_view by,
                                absl::Time now) {
  RETURN_IF_ERROR(CheckDecision(decision, by));
  Kept decided;
  {
    MutexLock lock(mutex_);
    const auto found = kept_.find(id);
    if (found == kept_.end()) {
      return absl::NotFoundError(
          absl::StrCat("there is no such incident; see consort-node incident list: ", id));
    }
    decided = found->second;
  }
  decided.incident.decision = std::string(decision);
  decided.incident.by = std::string(by);
  decided.incident.decided_unix_seconds = absl::ToUnixSeconds(now);
  if (!decided.unsaved.empty()) {
    RETURN_IF_ERROR(Save(decided.incident, decided.unsaved));
    decided.unsaved.clear();
  } else {
    ASSIGN_OR_RETURN(const std::string facts, Spell(decided.incident));
    RETURN_IF_ERROR(MakeDirectory(absl::StrCat(directory_, "/", id)));
    RETURN_IF_ERROR(WriteFileDurably(absl::StrCat(directory_, "/", id, "/", kFacts), facts));
  }
  MutexLock lock(mutex_);
  kept_[id] = std::move(decided);
  return absl::OkStatus();
}

std::vector<Incident> Incidents::List() const {
  std::vector<Incident> list;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, kept] : kept_) list.push_back(kept.incident);
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const Incident& a, const Incident& b) { return a.unix_seconds < b.unix_seconds; });
  return list;
}

std::string Incidents::OpenId() const {
  for (const Incident& incident : List()) {
    if (incident.open()) return incident.id;
  }
  return "";
}

bool Incidents::Knows(absl::string_view kind, const Evidence& evidence) const {
  MutexLock lock(mutex_);
  return kept_.count(IdOf(kind, evidence)) > 0;
}

absl::StatusOr<Evidence> Incidents::EvidenceOf(const std::string& id) const {
  {
    MutexLock lock(mutex_);
    const auto found = kept_.find(id);
    if (found == kept_.end()) return absl::NotFoundError(absl::StrCat("there is no such incident: ", id));
    if (!found->second.unsaved.empty()) return found->second.unsaved;
  }
  const std::string folder = absl::StrCat(directory_, "/", id);
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder));
  Evidence evidence;
  for (const std::string& name : names) {
    if (name == kFacts) continue;
    ASSIGN_OR_RETURN(evidence[name], ReadStateFile(absl::StrCat(folder, "/", name)));
  }
  return evidence;
}

}  // namespace consort::node
