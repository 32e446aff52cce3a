// The part of restoring that makes rows fit what the mirror's entries say: members, and jobs that were open.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "coordinator/app/restore_mirror.h"
#include "coordinator/enrol/enrolment.h"
#include "coordinator/enrol/ledger_keys.h"
#include "coordinator/jobs/spec_words.h"
#include "coordinator/rounds/entries.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;
using ledger::Kind;

constexpr char kRestored[] = "coordinator-restored";

std::string VkeyInForce(const KeyBook& book, const std::string& archive, KeyPurpose purpose) {
  const KeyBook::Known* const known = book.InForce(archive, purpose);
  return known == nullptr ? "" : known->key.ToString();
}

// A member row as it stands in the backup; new where the backup has none.
absl::StatusOr<MemberRow> RowOfArchive(Transaction& transaction, const std::string& archive) {
  absl::StatusOr<MemberRow> row = transaction.GetMember(v1::ROLE_ARCHIVE, archive);
  if (!absl::IsNotFound(row.status())) return row;
  MemberRow made;
  made.role = v1::ROLE_ARCHIVE;
  made.name = archive;
  return made;
}

// Enrolled after the backup: the certificate is one that we issued since.
absl::Status TakeEnrolment(Transaction& transaction, uint64_t leaf, int64_t backup_seconds, MemberRow& row) {
  ASSIGN_OR_RETURN(const LeafRow entry, transaction.GetLeaf(leaf));
  ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(entry.body));
  ASSIGN_OR_RETURN(const nlohmann::json predicate, ledger::ParseStrictJson(statement.predicate));
  row.certificate_fingerprint = predicate.value("certificate_sha256", "");
  row.enrolled_unix_seconds = backup_seconds;
  row.certificate_expires_unix_seconds =
      backup_seconds + absl::ToInt64Seconds(Enrolment::kCertificateValidity);
  row.enrol_index = leaf;
  return absl::OkStatus();
}

struct LedgerJob {
  std::string digest;
  bool ended = false;
};

using LedgerJobs = std::map<std::string, LedgerJob>;  // by id

// Jobs that entries tell of.
absl::StatusOr<LedgerJobs> JobsInLedger(Transaction& transaction) {
  LedgerJobs jobs;
  ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
  RETURN_IF_ERROR(transaction.ReadLeaves(0, size, [&jobs](const LeafRow& leaf) -> absl::Status {
    const bool is_job = leaf.kind == ledger::KindName(Kind::kJob);
    const bool is_end =
        leaf.kind == ledger::KindName(Kind::kModelRelease) || leaf.kind == ledger::KindName(Kind::kDecision);
    if (!is_job && !is_end) return absl::OkStatus();
    ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(leaf.body));
    ASSIGN_OR_RETURN(const nlohmann::json predicate, ledger::ParseStrictJson(statement.predicate));
    if (predicate.value("about", "job") != "job") return absl::OkStatus();
    LedgerJob& job = jobs[predicate.value("job_id", "")];
    if (is_job) job.digest = predicate.value("job_digest", "");
    if (is_end) job.ended = true;
    return absl::OkStatus();
  }));
  return jobs;
}

absl::Status EndRow(Transaction& transaction, JobRow job, bool ended_in_ledger) {
  job.state = v1::JOB_STATE_FAILED;
  job.reason =
      ended_in_ledger
          ? absl::StrCat(kRestored, ": the ledger says how it ended, its files are not in the backup")
          : kRestored;
  RETURN_IF_ERROR(transaction.Put(job));
  ASSIGN_OR_RETURN(const std::vector<RoundRow> rounds, transaction.ListRounds(job.job_id));
  for (RoundRow round : rounds) {
    if (Ended(round.state)) continue;
    round.state = v1::ROUND_STATE_ABANDONED;
    round.reason = kRestored;
    RETURN_IF_ERROR(transaction.Put(round));
  }
  return absl::OkStatus();
}

absl::Status EndJobs(Transaction& transaction, Sequencer& sequencer, EndedJobs& ended) {
  ASSIGN_OR_RETURN(LedgerJobs jobs, JobsInLedger(transaction));
  ASSIGN_OR_RETURN(const std::vector<JobRow> rows, transaction.ListJobs());
  for (const JobRow& row : rows) {
    if (Ended(row.state)) continue;
    LedgerJob& job = jobs[row.job_id];  // one that was being prepared has no entry yet
    job.digest = row.job_digest;
    RETURN_IF_ERROR(EndRow(transaction, row, job.ended));
  }
  EntryWriter entries(transaction, sequencer);
  for (const auto& [job_id, job] : jobs) {
    if (job.ended) continue;
    JobRow row;
    row.job_id = job_id;
    row.job_digest = job.digest;
    RETURN_IF_ERROR(entries.JobEnded(row, "failed", kRestored).status());
    ended.job_ids.push_back(job_id);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RebuildMembers(Store& store, uint64_t backup_size, int64_t backup_seconds) {
  return store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const KeyBook book, ReadKeyBook(transaction));
    std::map<std::string, uint64_t> enrolled;  // newest enrolment by archive
    for (const KeyBook::Known& known : book.keys()) {
      if (known.purpose != KeyPurpose::kApproval) continue;
      uint64_t& newest = enrolled[known.owner];
      newest = std::max(newest, known.from);
    }
    for (const auto& [archive, leaf] : enrolled) {
      ASSIGN_OR_RETURN(MemberRow row, RowOfArchive(transaction, archive));
      if (leaf >= backup_size) RETURN_IF_ERROR(TakeEnrolment(transaction, leaf, backup_seconds, row));
      row.entries_vkey = VkeyInForce(book, archive, KeyPurpose::kEntries);
      row.mirror_vkey = VkeyInForce(book, archive, KeyPurpose::kMirror);
      row.approval_vkey = VkeyInForce(book, archive, KeyPurpose::kApproval);
      row.revoked = row.entries_vkey.empty();
      RETURN_IF_ERROR(transaction.Put(row));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<EndedJobs> EndWhatWasOpen(Store& store, Sequencer& sequencer, const ChosenMirror& mirror) {
  EndedJobs ended;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(EndJobs(transaction, sequencer, ended));
    return sequencer
        .AppendOwn(transaction, Kind::kIncident, {{"evidence", Sha256Hex(mirror.note)}},
                   {{"kind", "restored"},
                    {"archive", ""},
                    {"detail", absl::StrCat("backup-", mirror.backup_size, "-mirror-", mirror.size)}})
        .status();
  }));
  return ended;
}

absl::StatusOr<std::vector<std::string>> OpenJobs(Store& store) {
  std::vector<std::string> open;
  RETURN_IF_ERROR(store.Transact([&open](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<JobRow> rows, transaction.ListJobs());
    for (const JobRow& row : rows) {
      if (!Ended(row.state)) open.push_back(row.job_id);
    }
    return absl::OkStatus();
  }));
  return open;
}

}  // namespace consort::coordinator
