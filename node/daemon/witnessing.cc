#include "node/daemon/witnessing.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failpoint/failpoint.h"
#include "common/status/macros.h"
#include "spdlog/spdlog.h"

namespace consort::node {

Witnessing::Witnessing(DaemonParts& parts, Session& session, Callbacks callbacks)
    : parts_(parts),
      session_(session),
      callbacks_(std::move(callbacks)),
      facts_(parts_.witness.Facts()) {  // nothing runs on its executor yet
  parts_.incidents.Observe([this](const Incident& incident) {
    spdlog::critical(
        "ledger incident {} ({}): this archive does not contribute until a person decides; see consort-node "
        "incident show {}: {}",
        incident.id, incident.kind, incident.id, incident.detail);
    parts_.control.Post([this, id = incident.id] {
      Report(id);
      callbacks_.on_raised();
    });
  });
}

void Witnessing::Start() {
  callbacks_.on_facts();
  TellTime();
}

void Witnessing::Stop() { parts_.control.Cancel(time_timer_); }

void Witnessing::Post(std::function<void()> work) {
  parts_.witness_executor.Post([this, work = std::move(work)] {
    work();
    parts_.control.Post([this, facts = parts_.witness.Facts()] { Learn(facts); });
  });
}

void Witnessing::Learn(WitnessFacts facts) {
  facts_ = std::move(facts);
  callbacks_.on_facts();
}

void Witnessing::OnWelcome(bool speaks, bool resumed) {
  speaks_ = speaks;
  if (resumed) return;
  reported_.clear();
  for (const Incident& incident : parts_.incidents.List()) {
    if (incident.open()) Report(incident.id);
  }
}

void Witnessing::OnRequest(const v1::Envelope& asked) {
  v1::Envelope answer;
  answer.set_request_id(asked.request_id());
  const auto send = [this](v1::Envelope& envelope, const Witness::Answer& made) {
    envelope.mutable_witness_answer()->set_status(static_cast<uint32_t>(made.status));
    envelope.mutable_witness_answer()->set_body(made.body);
    envelope.mutable_witness_answer()->set_size(made.size);
    session_.Send(envelope).status().IgnoreError();  // a new session asks again
  };
  if (requests_ == kMaxRequests) return send(answer, {503, "too many requests at once\n", 0});
  ++requests_;
  parts_.witness_executor.Post([this, answer, send, body = asked.witness_request().body()] {
    const Witness::Answer made = parts_.witness.OnRequest(body);
    parts_.control.Post([this, answer, send, made, facts = parts_.witness.Facts()]() mutable {
      --requests_;
      Learn(facts);
      parts_.metrics.Add("consort_node_witness_requests_total", {{"status", absl::StrCat(made.status)}}, 1);
      send(answer, made);
      CONSORT_KILLPOINT("witness.answered");
    });
  });
}

void Witnessing::OnHead(const std::string& note) {
  Post([this, note] { parts_.witness.OnHead(note); });
}

void Witnessing::OnReceipt(const std::string& entry, const std::string& receipt) {
  Post([this, entry, receipt] { parts_.witness.OnReceipt(entry, receipt); });
}

void Witnessing::OnRevocation(const std::string& envelope) {
  Post([this, envelope] {
    const absl::Status revoked = parts_.witness.OnRevocation(envelope);
    if (!revoked.ok()) return spdlog::error("key revocation: {}", std::string(revoked.message()));
    spdlog::warn("a key of the ledger was revoked: it counts no longer from here on");
  });
}

void Witnessing::Report(const std::string& id) {
  if (!speaks_ || !session_.connected() || !reported_.insert(id).second) return;
  const auto evidence = parts_.incidents.EvidenceOf(id);
  v1::Envelope envelope;
  v1::IncidentReport& report = *envelope.mutable_incident_report();
  report.set_id(id);
  for (const Incident& incident : parts_.incidents.List()) {
    if (incident.id != id) continue;
    report.set_kind(incident.kind);
    report.set_detail(incident.detail);
  }
  if (!evidence.ok()) {
    spdlog::warn("evidence of incident {} is not sent: {}", id, std::string(evidence.status().message()));
  } else {
    for (const auto& [name, bytes] : *evidence) {
      if (report.evidence_size() < static_cast<int>(kMaxEvidence) && bytes.size() <= kMaxEvidenceBytes)
        report.add_evidence(bytes);
    }
  }
  session_.Send(std::move(envelope)).status().IgnoreError();  // a new session is told again
}

absl::Status Witnessing::Resolve(const std::string& id, const std::string& decision, const std::string& by) {
  const bool restored = decision == kDecisionAcceptRestored;
  if (id == kRestored && restored) {
    RETURN_IF_ERROR(
        parts_.incidents.Raise(kIncidentRestored, "a person says that the coordinator was restored",
                               {{"ours.note", parts_.heads.newest_note()}}, parts_.control.WallClock()));
    for (const Incident& incident : parts_.incidents.List()) {
      if (incident.kind == kIncidentRestored && incident.open()) return Resolve(incident.id, decision, by);
    }
  }
  RETURN_IF_ERROR(parts_.incidents.Resolve(id, decision, by, parts_.control.WallClock()));
  spdlog::warn("incident {} decided: {} by {}", id, decision, by);
  if (decision == kDecisionStayStopped) return absl::OkStatus();
  if (restored) RETURN_IF_ERROR(parts_.heads.SetBack(facts_.witness_note));
  Post([this, restored] { parts_.witness.OnDecided(restored); });
  return absl::OkStatus();
}

// An hour of silence on the session's side must not count against the log, nor one in which we stored
// nothing.
void Witnessing::TellTime() {
  time_timer_ = parts_.control.PostAfter(kTellTimeEvery, [this] {
    if (speaks_ && session_.connected()) Post([this] { parts_.witness.OnConnected(kTellTimeEvery); });
    TellTime();
  });
}

void Witnessing::Describe(v1::NodeStatus& status) const {
  status.set_mirror_size(facts_.mirror_size);
  status.set_witnessed_checkpoint(facts_.witness_note);
  for (const Incident& incident : parts_.incidents.List()) {
    v1::NodeIncident& shown = *status.add_incidents();
    shown.set_id(incident.id);
    shown.set_kind(incident.kind);
    shown.set_detail(incident.detail);
    shown.set_unix_seconds(incident.unix_seconds);
    shown.set_resolved(!incident.open());
    shown.set_decision(incident.decision);
  }
}

}  // namespace consort::node
