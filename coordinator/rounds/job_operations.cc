// What researchers and operators ask of the engine: submit, look, pause, resume, cancel.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/status/macros.h"
#include "coordinator/aggregation/objective.h"
#include "coordinator/jobs/job_rows.h"
#include "coordinator/jobs/model_records.h"
#include "coordinator/jobs/spec_check.h"
#include "coordinator/jobs/spec_words.h"
#include "coordinator/ledger/commitments.h"
#include "coordinator/rounds/engine_state.h"
#include "coordinator/rounds/entries.h"

namespace consort::coordinator {
namespace {

constexpr size_t kMaxTokenBytes = 128;

absl::Status NoSuchJob(absl::string_view job_id) {
  return absl::NotFoundError(absl::StrCat("there is no such job; list them with `consort job list` (job ",
                                          CleanReason(job_id), ")"));
}

// What a dry run says would happen.
absl::StatusOr<std::vector<std::string>> NotesOn(Transaction& transaction, const v1::JobSpec& spec,
                                                 const NodeGateway& nodes) {
  std::vector<std::string> connected;
  std::vector<std::string> away;
  ASSIGN_OR_RETURN(const std::vector<MemberRow> members, transaction.ListMembers());
  for (const MemberRow& member : members) {
    if (member.role != v1::ROLE_ARCHIVE || member.revoked) continue;
    (nodes.Connected(member.name) ? connected : away).push_back(member.name);
  }
  std::vector<std::string> notes;
  notes.push_back(absl::StrCat("would be offered to ", connected.size() + away.size(),
                               " archives: ", absl::StrJoin(connected, ", "),
                               away.empty() ? "" : "; away now: ", absl::StrJoin(away, ", ")));
  notes.push_back(absl::StrCat(spec.rounds(), " rounds of ", spec.local().steps(), " local steps, quorum ",
                               spec.quorum(), ", each at most ", spec.deadline_seconds(),
                               " s after its roster froze"));
  if (connected.size() < spec.quorum()) {
    notes.push_back(absl::StrCat(
        "only ", connected.size(), " archives are connected, fewer than the quorum of ", spec.quorum(),
        ": the job would fail unless others connect within ", spec.recruiting_seconds(), " s"));
  }
  if (const std::string revealed = RevealedBy(spec.objective()); !revealed.empty()) {
    notes.push_back(absl::StrCat("the objective ", ObjectiveWord(spec.objective()),
                                 " makes archives tell, signed and in the ledger: ", revealed,
                                 "; it works with masked sums, since it only sets weights"));
  }
  if (spec.personal().enabled()) {
    notes.push_back(absl::StrCat("each archive also trains a copy of its own, ", PersonalSteps(spec),
                                 " more steps a round; the copy stays there, its scores are told"));
  }
  if (spec.local().scaffold()) {
    notes.push_back("control variates make each update about twice as long");
  }
  return notes;
}

// What is hashed, kept and sent to archives. The name is free text and may tell of a person: the job's digest
// stands in the ledger for ever, and would let anybody confirm a guess at it.
std::string WithoutName(v1::JobSpec spec) {
  spec.clear_name();
  return spec.SerializeAsString();
}

// All that the ledger says of who submitted a job.
std::string RoleOf(const std::string& spiffe_id) {
  const std::vector<std::string> parts = absl::StrSplit(spiffe_id, '/');  // spiffe://federation/role/name
  return parts.size() == 5 ? parts[3] : "member";
}

// Whether a job is the one of a file with this digest and name. An erased name is nobody's: it fits any.
absl::StatusOr<bool> IsJobOf(Transaction& transaction, const JobRow& job, absl::string_view digest,
                             const std::string& name) {
  if (job.job_digest != digest) return false;
  if (job.name_commitment.empty()) return true;
  ASSIGN_OR_RETURN(const std::optional<std::string> known, CommittedText(transaction, job.name_commitment));
  return !known.has_value() || *known == name;
}

}  // namespace

absl::StatusOr<RoundEngine::Submitted> RoundEngine::Submit(const Submission& submission) {
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ParseSpec(submission.spec));
  if (submission.token.size() > kMaxTokenBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the token is too long; use at most ", kMaxTokenBytes, " bytes"));
  }
  EngineContext& context = state_->context;
  if (!context.parts.artifacts.Contains(spec.base_model_digest())) {
    return absl::NotFoundError(
        absl::StrCat("the base model is not stored here; put it with `consort artifact put` (",
                     spec.base_model_digest(), ")"));
  }
  const std::string nameless = WithoutName(spec);
  const std::string job_digest = Sha256Hex(nameless);
  Submitted submitted;
  JobRow job;
  RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
    if (!submission.token.empty()) {
      bool same = true;
      const absl::StatusOr<JobRow> known = transaction.GetJobByToken(submission.token);
      if (known.ok()) {
        ASSIGN_OR_RETURN(same, IsJobOf(transaction, *known, job_digest, spec.name()));
      }
      if (!same) {
        return absl::AlreadyExistsError(
            absl::StrCat("the token was used for another job file; use a new token or the same file (job ",
                         known->job_id, ")"));
      }
      if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
      submitted.existed = known.ok();
      if (known.ok()) job = *known;
    }
    if (submission.dry_run) {
      ASSIGN_OR_RETURN(submitted.notes, NotesOn(transaction, spec, context.parts.nodes));
      return absl::OkStatus();
    }
    if (submitted.existed) return absl::OkStatus();
    if (state_->draining)
      return absl::UnavailableError("the coordinator is about to end; submit again later");
    job.job_id = RandomId();
    job.token = submission.token;
    job.spec = nameless;
    job.job_digest = job_digest;
    job.submitted_by = RoleOf(submission.submitted_by);
    ASSIGN_OR_RETURN(job.name_commitment, CommitToText(transaction, spec.name()));
    ASSIGN_OR_RETURN(job.submitter_commitment, CommitToText(transaction, submission.submitted_by));
    job.submitted_unix_seconds = absl::ToUnixSeconds(context.parts.executor.WallClock());
    return transaction.Put(job);
  }));
  if (submission.dry_run && !submitted.existed) {
    *submitted.job.mutable_spec() = spec;
    submitted.job.set_job_digest(job_digest);
    return submitted;
  }
  if (!submitted.existed) state_->Continue(job.job_id);
  ASSIGN_OR_RETURN(submitted.job, GetJob(job.job_id));
  return submitted;
}

absl::StatusOr<v1::JobStatus> RoundEngine::GetJob(absl::string_view job_id) {
  absl::StatusOr<v1::JobStatus> status = state_->StatusOf(job_id, State::kRoundsShown);
  if (absl::IsNotFound(status.status())) return NoSuchJob(job_id);
  return status;
}

absl::StatusOr<std::vector<v1::JobStatus>> RoundEngine::ListJobs(uint32_t limit) {
  std::vector<JobRow> jobs;
  RETURN_IF_ERROR(state_->context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(jobs, transaction.ListJobs());
    return absl::OkStatus();
  }));
  std::reverse(jobs.begin(), jobs.end());
  const size_t most = limit == 0 ? kMaxListedJobs : std::min(limit, kMaxListedJobs);
  if (jobs.size() > most) jobs.resize(most);
  std::vector<v1::JobStatus> list;
  for (const JobRow& job : jobs) {
    ASSIGN_OR_RETURN(v1::JobStatus status, state_->StatusOf(job.job_id, 1));
    list.push_back(std::move(status));
  }
  return list;
}

absl::StatusOr<v1::JobStatus> RoundEngine::Control(absl::string_view id, v1::JobAction action) {
  const std::string job_id(id);
  v1::JobState from = v1::JOB_STATE_UNSPECIFIED;
  const auto turn = [&](v1::JobState expected, v1::JobState next) {
    return state_->context.Transact([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(JobRow job, transaction.GetJob(job_id));
      from = job.state;
      if (job.state == next) return absl::OkStatus();
      const bool cancels = next == v1::JOB_STATE_CANCELLED;
      if (cancels ? Ended(job.state) : job.state != expected) {
        return absl::FailedPreconditionError(absl::StrCat("the job is ", JobStateWord(job.state),
                                                          " and cannot become ", JobStateWord(next), " (job ",
                                                          job_id, ")"));
      }
      if (cancels) return absl::OkStatus();
      job.state = next;
      job.reason.clear();
      // Whoever resumes a job that waits for its witnesses lets it wait anew.
      if (job.release_index >= 0) job.planning_deadline_unix_millis = state_->closing.WitnessDeadline();
      return transaction.Put(job);
    });
  };
  absl::Status status;
  switch (action) {
    case v1::JOB_ACTION_PAUSE:
      status = turn(v1::JOB_STATE_RUNNING, v1::JOB_STATE_PAUSED);
      state_->Changed(job_id);
      break;
    case v1::JOB_ACTION_RESUME:
      status = turn(v1::JOB_STATE_PAUSED, v1::JOB_STATE_RUNNING);
      if (status.ok() && from == v1::JOB_STATE_PAUSED) state_->ResumePaused(job_id);
      break;
    case v1::JOB_ACTION_CANCEL:
      status = turn(v1::JOB_STATE_UNSPECIFIED, v1::JOB_STATE_CANCELLED);
      if (status.ok())
        status = state_->closing.EndJob(job_id, v1::JOB_STATE_CANCELLED, "cancelled: by request");
      break;
    default:
      return absl::InvalidArgumentError("the action is none of pause, resume and cancel");
  }
  if (absl::IsNotFound(status)) return NoSuchJob(job_id);
  RETURN_IF_ERROR(status);
  return GetJob(job_id);
}

absl::StatusOr<std::vector<v1::ModelRecord>> RoundEngine::ListModels(absl::string_view job_id) {
  std::vector<JobRows> all;
  std::vector<std::string> base_digests;
  const absl::Status read = state_->context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, transaction.ListJobs());
    for (const JobRow& job : jobs) {
      if (!job_id.empty() && job.job_id != job_id) continue;
      ASSIGN_OR_RETURN(JobRows rows, ReadJobRows(transaction, job.job_id, State::kRoundsShown));
      ASSIGN_OR_RETURN(std::string base, BaseDigestOf(transaction, job));
      all.push_back(std::move(rows));
      base_digests.push_back(std::move(base));
    }
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(read);
  if (all.empty() && !job_id.empty()) return NoSuchJob(job_id);
  std::vector<v1::ModelRecord> models;
  std::set<std::string> bases;
  for (size_t i = 0; i < all.size(); ++i) {
    std::vector<std::vector<v1::TraditionResult>> results;
    for (const RoundRows& round : all[i].shown) results.push_back(state_->ResultsOf(round));
    for (v1::ModelRecord& model :
         ModelRecordsOf(all[i], base_digests[i], results, state_->context.parts.artifacts,
                        state_->context.parts.sequencer.rules().withdrawn())) {
      if (model.job_id().empty() && !bases.insert(model.digest()).second) continue;
      models.push_back(std::move(model));
    }
  }
  return models;
}

absl::StatusOr<std::set<std::string>> RoundEngine::ArtifactsInUse() {
  std::set<std::string> digests;
  RETURN_IF_ERROR(state_->context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, transaction.ListJobs());
    for (const JobRow& job : jobs) {
      v1::JobSpec spec;
      if (spec.ParseFromString(job.spec)) digests.insert(spec.base_model_digest());
      digests.insert({job.state_artifact, job.optimiser_artifact});
      ASSIGN_OR_RETURN(const std::vector<RoundRow> rounds, transaction.ListRounds(job.job_id));
      for (const RoundRow& round : rounds) digests.insert({round.base_artifact, round.result_artifact});
    }
    return absl::OkStatus();
  }));
  digests.erase("");
  return digests;
}

absl::StatusOr<uint32_t> RoundEngine::ActiveJobs() {
  ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, state_->ActiveJobRows());
  return static_cast<uint32_t>(jobs.size());
}

}  // namespace consort::coordinator
