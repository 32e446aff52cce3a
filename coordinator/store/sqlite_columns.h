// Which column holds which field: written once, used to write rows and to read them.
#ifndef CONSORT_COORDINATOR_STORE_SQLITE_COLUMNS_H_
#define CONSORT_COORDINATOR_STORE_SQLITE_COLUMNS_H_

#include "coordinator/store/rows.h"

namespace consort::coordinator {

// Names of a row's table and of the columns of its primary key.
template <class Row>
struct SqliteTableOf;

template <>
struct SqliteTableOf<InvitationRow> {
  static constexpr char kName[] = "invitation";
  static constexpr char kKey[] = "token_sha256";
};
template <>
struct SqliteTableOf<MemberRow> {
  static constexpr char kName[] = "member";
  static constexpr char kKey[] = "role, name";
};
template <>
struct SqliteTableOf<JobRow> {
  static constexpr char kName[] = "job";
  static constexpr char kKey[] = "job_id";
};
template <>
struct SqliteTableOf<OfferRow> {
  static constexpr char kName[] = "offer";
  static constexpr char kKey[] = "job_id, archive";
};
template <>
struct SqliteTableOf<RoundRow> {
  static constexpr char kName[] = "round";
  static constexpr char kKey[] = "round_id";
};
template <>
struct SqliteTableOf<ParticipationRow> {
  static constexpr char kName[] = "participation";
  static constexpr char kKey[] = "participation_id";
};
template <>
struct SqliteTableOf<EvaluationRow> {
  static constexpr char kName[] = "evaluation";
  static constexpr char kKey[] = "round_id, archive";
};
template <>
struct SqliteTableOf<LeafRow> {
  static constexpr char kName[] = "leaf";
  static constexpr char kKey[] = "leaf_index";
};
template <>
struct SqliteTableOf<CheckpointRow> {
  static constexpr char kName[] = "checkpoint";
  static constexpr char kKey[] = "size";
};
template <>
struct SqliteTableOf<CosignatureRow> {
  static constexpr char kName[] = "cosignature";
  static constexpr char kKey[] = "size, key";
};
template <>
struct SqliteTableOf<WitnessedRow> {
  static constexpr char kName[] = "witnessed";
  static constexpr char kKey[] = "size";
};
template <>
struct SqliteTableOf<OpeningRow> {
  static constexpr char kName[] = "opening";
  static constexpr char kKey[] = "commitment";
};
template <>
struct SqliteTableOf<IncidentRow> {
  static constexpr char kName[] = "incident";
  static constexpr char kKey[] = "id";
};

// Each calls `visit` with (column name, field) in the table's order; `visit.Blob` for fields of raw bytes.
template <class Visit>
void VisitColumns(Visit& visit, InvitationRow& row) {
  visit("token_sha256", row.token_sha256);
  visit("role", row.role);
  visit("name", row.name);
  visit("expires_unix_seconds", row.expires_unix_seconds);
  visit("used", row.used);
}

template <class Visit>
void VisitColumns(Visit& visit, MemberRow& row) {
  visit("role", row.role);
  visit("name", row.name);
  visit("certificate_fingerprint", row.certificate_fingerprint);
  visit("certificate_expires_unix_seconds", row.certificate_expires_unix_seconds);
  visit("entries_vkey", row.entries_vkey);
  visit("mirror_vkey", row.mirror_vkey);
  visit("approval_vkey", row.approval_vkey);
  visit("enrol_index", row.enrol_index);
  visit("revoked", row.revoked);
  visit("enrolled_unix_seconds", row.enrolled_unix_seconds);
  visit("last_seen_unix_seconds", row.last_seen_unix_seconds);
}

template <class Visit>
void VisitColumns(Visit& visit, JobRow& row) {
  visit("job_id", row.job_id);
  visit("token", row.token);
  visit.Blob("spec", row.spec);
  visit("job_digest", row.job_digest);
  visit("submitted_by", row.submitted_by);
  visit("submitted_unix_seconds", row.submitted_unix_seconds);
  visit("state", row.state);
  visit("reason", row.reason);
  visit("manifests", row.manifests);
  visit("state_artifact", row.state_artifact);
  visit("state_digest", row.state_digest);
  visit("optimiser_artifact", row.optimiser_artifact);
  visit("rounds_closed", row.rounds_closed);
  visit("job_index", row.job_index);
  visit("planning_deadline_unix_millis", row.planning_deadline_unix_millis);
  visit("release_index", row.release_index);
  visit("name_commitment", row.name_commitment);
  visit("submitter_commitment", row.submitter_commitment);
}

template <class Visit>
void VisitColumns(Visit& visit, OfferRow& row) {
  visit("job_id", row.job_id);
  visit("archive", row.archive);
  visit("group_number", row.group);
  visit("state", row.state);
  visit("reason", row.reason);
  visit.Blob("plan", row.plan);
  visit("plan_digest", row.plan_digest);
  visit("approval_index", row.approval_index);
}

template <class Visit>
void VisitColumns(Visit& visit, RoundRow& row) {
  visit("round_id", row.round_id);
  visit("job_id", row.job_id);
  visit("number", row.number);
  visit("group_number", row.group);
  visit("state", row.state);
  visit("reason", row.reason);
  visit("manifest_digest", row.manifest_digest);
  visit("base_artifact", row.base_artifact);
  visit("base_digest", row.base_digest);
  visit("result_artifact", row.result_artifact);
  visit("result_digest", row.result_digest);
  visit("open_index", row.open_index);
  visit("aggregation_index", row.aggregation_index);
  visit("opened_unix_millis", row.opened_unix_millis);
  visit("deadline_unix_millis", row.deadline_unix_millis);
  visit("ended_unix_millis", row.ended_unix_millis);
}

template <class Visit>
void VisitColumns(Visit& visit, ParticipationRow& row) {
  visit("participation_id", row.participation_id);
  visit("round_id", row.round_id);
  visit("job_id", row.job_id);
  visit("archive", row.archive);
  visit("group_number", row.group);
  visit("state", row.state);
  visit("reason", row.reason);
  visit("weight", row.weight);
  visit("payload_digest", row.payload_digest);
  visit("payload_bytes", row.payload_bytes);
  visit("contribution_index", row.contribution_index);
  visit("decision_index", row.decision_index);
}

template <class Visit>
void VisitColumns(Visit& visit, EvaluationRow& row) {
  visit("round_id", row.round_id);
  visit("archive", row.archive);
  visit("job_id", row.job_id);
  visit("task_id", row.task_id);
  visit("group_number", row.group);
  visit("state", row.state);
  visit("reason", row.reason);
  visit("entry_index", row.index);
}

template <class Visit>
void VisitColumns(Visit& visit, LeafRow& row) {
  visit("leaf_index", row.index);
  visit.Blob("hash", row.hash);
  visit.Blob("body", row.body);
  visit("payload_digest", row.payload_digest);
  visit("kind", row.kind);
  visit("signer", row.signer);
  visit("round_id", row.round_id);
  visit("node_seq", row.node_seq);
}

template <class Visit>
void VisitColumns(Visit& visit, CheckpointRow& row) {
  visit("size", row.size);
  visit.Blob("root", row.root);
  visit("note", row.note);
  visit("sealed_unix_seconds", row.sealed_unix_seconds);
}

template <class Visit>
void VisitColumns(Visit& visit, CosignatureRow& row) {
  visit("size", row.size);
  visit("key", row.key);
  visit("unix_seconds", row.unix_seconds);
  visit("line", row.line);
}

template <class Visit>
void VisitColumns(Visit& visit, WitnessedRow& row) {
  visit("size", row.size);
  visit("policy_index", row.policy_index);
  visit("unix_seconds", row.unix_seconds);
}

template <class Visit>
void VisitColumns(Visit& visit, OpeningRow& row) {
  visit("commitment", row.commitment);
  visit("value", row.value);
  visit.Blob("salt", row.salt);
  visit("erased", row.erased);
}

template <class Visit>
void VisitColumns(Visit& visit, IncidentRow& row) {
  visit("id", row.id);
  visit("kind", row.kind);
  visit("archive", row.archive);
  visit("detail", row.detail);
  visit.Blob("evidence", row.evidence);
  visit("unix_seconds", row.unix_seconds);
  visit("resolved", row.resolved);
  visit("leaf_index", row.leaf_index);
}

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_SQLITE_COLUMNS_H_
