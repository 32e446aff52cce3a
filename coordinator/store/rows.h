// What the coordinator remembers, one struct per table. Plain values; strings are UTF-8, digests lower-case
// hex.
#ifndef CONSORT_COORDINATOR_STORE_ROWS_H_
#define CONSORT_COORDINATOR_STORE_ROWS_H_

#include <cstdint>
#include <string>

#include "consort/v1/federation.pb.h"
#include "consort/v1/job.pb.h"

namespace consort::coordinator {

struct InvitationRow {
  std::string token_sha256;  // primary key; the token itself is never stored
  v1::Role role = v1::ROLE_UNSPECIFIED;
  std::string name;
  int64_t expires_unix_seconds = 0;
  bool used = false;
};

struct MemberRow {
  v1::Role role = v1::ROLE_UNSPECIFIED;  // primary key: role and name
  std::string name;
  std::string certificate_fingerprint;  // of the newest certificate
  int64_t certificate_expires_unix_seconds = 0;
  std::string entries_vkey;  // archives
  std::string mirror_vkey;
  std::string approval_vkey;
  uint64_t enrol_index = 0;  // leaf of key-enrol (archives)
  bool revoked = false;
  int64_t enrolled_unix_seconds = 0;
  int64_t last_seen_unix_seconds = 0;
};

struct JobRow {
  std::string job_id;  // primary key
  std::string token;   // unique where not empty
  std::string spec;    // serialized JobSpec as submitted, without its name
  std::string job_digest;
  std::string submitted_by;  // role word; jobs of before commitments: SPIFFE id
  int64_t submitted_unix_seconds = 0;
  v1::JobState state = v1::JOB_STATE_SUBMITTED;
  std::string reason;
  std::string manifests;           // JSON list of canonical manifests
  std::string state_artifact;      // newest trainable state
  std::string state_digest;        // its tensor digest
  std::string optimiser_artifact;  // server optimiser's moments; empty for FedAvg
  uint32_t rounds_closed = 0;
  int64_t job_index = -1;                     // leaf of the job entry
  // Of the planning, and once the model-release stands of the wait for its witnesses. Wall clock, so that a
  // restart keeps it; 0 before planning.
  int64_t planning_deadline_unix_millis = 0;
  int64_t release_index = -1;                 // leaf of the model-release that waits for its witnesses
  std::string name_commitment;                // of what `spec` lacks: its name; empty: `spec` has it
  std::string submitter_commitment;           // of the SPIFFE id; empty: in submitted_by
};

struct OfferRow {
  std::string job_id;  // primary key: job and archive
  std::string archive;
  uint32_t group = 0;
  v1::OfferState state = v1::OFFER_STATE_OFFERED;
  std::string reason;
  std::string plan;  // serialized Plan
  std::string plan_digest;
  int64_t approval_index = -1;
};

struct RoundRow {
  std::string round_id;  // primary key
  std::string job_id;
  uint32_t number = 0;  // from 1; unique per job and group
  uint32_t group = 0;
  v1::RoundState state = v1::ROUND_STATE_OPENED;
  std::string reason;
  std::string manifest_digest;
  std::string base_artifact;  // state at its start
  std::string base_digest;
  std::string result_artifact;  // state after aggregation
  std::string result_digest;
  int64_t open_index = -1;  // leaf of round-open
  int64_t aggregation_index = -1;
  int64_t opened_unix_millis = 0;
  int64_t deadline_unix_millis = 0;  // wall clock, so that a restart keeps it
  int64_t ended_unix_millis = 0;
};

struct ParticipationRow {
  std::string participation_id;  // primary key
  std::string round_id;
  std::string job_id;
  std::string archive;
  uint32_t group = 0;
  v1::ParticipationState state = v1::PARTICIPATION_STATE_INVITED;
  std::string reason;
  uint32_t weight = 0;
  std::string payload_digest;
  uint64_t payload_bytes = 0;
  int64_t contribution_index = -1;
  int64_t decision_index = -1;
};

struct EvaluationRow {
  std::string round_id;  // primary key: round and archive
  std::string archive;
  std::string job_id;
  std::string task_id;
  uint32_t group = 0;
  std::string state;  // asked, reported, failed
  std::string reason;
  int64_t index = -1;  // leaf of the evaluation entry
};

// A ledger entry as stored. Entries are never changed or removed.
struct LeafRow {
  uint64_t index = 0;
  std::string hash;            // 32 bytes
  std::string body;            // the envelope
  std::string payload_digest;  // unique
  std::string kind;
  std::string signer;  // keyid
  std::string round_id;
  int64_t node_seq = -1;  // unique per signer where >= 0
};

struct CheckpointRow {
  uint64_t size = 0;  // primary key: one root per size, for ever
  std::string root;   // 32 bytes
  std::string note;   // as the log signed it; cosignatures are rows of their own
  int64_t sealed_unix_seconds = 0;
};

// A witness's line over a checkpoint. Never changed or removed.
struct CosignatureRow {
  uint64_t size = 0;         // primary key: size and key
  std::string key;           // KeyId of the witness
  int64_t unix_seconds = 0;  // by the witness's clock
  std::string line;          // with its LF
};

// A checkpoint that a quorum of the policy in force has cosigned. Never changed or removed.
struct WitnessedRow {
  uint64_t size = 0;          // primary key
  int64_t policy_index = -1;  // leaf of the policy-change that was in force
  int64_t unix_seconds = 0;   // when the quorum was complete, by our clock
};

// What opens a salted commitment of ours.
struct OpeningRow {
  std::string commitment;  // primary key; hex
  std::string value;       // canonical JSON; empty once erased
  std::string salt;        // 32 bytes; zeros once erased
  bool erased = false;
};

// Something that should not be: found here or told by an archive.
struct IncidentRow {
  std::string id;  // primary key
  std::string kind;
  std::string archive;  // that told it or that it is about; may be empty
  std::string detail;
  std::string evidence;  // a serialized IncidentReport that holds nothing else
  int64_t unix_seconds = 0;
  bool resolved = false;
  int64_t leaf_index = -1;  // of its incident entry; -1: none
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_ROWS_H_
