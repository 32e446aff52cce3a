// What the engine does after a restart of its own or of a node: everything from rows and files.
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/jobs/spec_words.h"
#include "coordinator/rounds/engine_state.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {

absl::Status RoundEngine::Resume() {
  RETURN_IF_ERROR(state_->RemoveOldSpools());
  ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, state_->ActiveJobRows());
  state_->submitted_first_attempts = Preparing::kAttemptsAfterRestart;
  for (const JobRow& job : jobs) state_->Continue(job.job_id);
  state_->submitted_first_attempts = 1;
  return absl::OkStatus();
}

void RoundEngine::OnWitnessed(uint64_t size) {
  const absl::StatusOr<std::vector<JobRow>> jobs = state_->ActiveJobRows();
  if (!jobs.ok()) return state_->Trouble("", jobs.status());
  const absl::Status sent = state_->SendHeads(size);
  if (!sent.ok()) spdlog::error("the witnessed checkpoint cannot be sent: {}", sent.ToString());
  for (const JobRow& job : *jobs) {
    if (job.release_index >= 0) state_->Continue(job.job_id);
  }
}

void RoundEngine::OnSigning() {
  const absl::StatusOr<std::vector<JobRow>> jobs = state_->ActiveJobRows();
  if (!jobs.ok()) return state_->Trouble("", jobs.status());
  for (const JobRow& job : *jobs) {
    const bool waits = job.release_index >= 0 || state_->context.timers.IsSet("retry/" + job.job_id);
    if (waits) state_->Continue(job.job_id);
  }
  const absl::StatusOr<std::vector<std::string>> archives = state_->ConnectedArchives();
  if (!archives.ok()) return state_->Trouble("", archives.status());
  for (const std::string& archive : *archives) {
    const absl::Status sent = state_->SendOpenWork(archive);
    if (!sent.ok()) spdlog::error("open work cannot be sent: {} (archive {})", sent.ToString(), archive);
  }
}

absl::StatusOr<std::vector<std::string>> RoundEngine::State::ConnectedArchives() const {
  std::vector<std::string> archives;
  RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<MemberRow> members, transaction.ListMembers());
    for (const MemberRow& member : members) {
      if (member.role == v1::ROLE_ARCHIVE && context.parts.nodes.Connected(member.name))
        archives.push_back(member.name);
    }
    return absl::OkStatus();
  }));
  return archives;
}

absl::Status RoundEngine::State::SendHeads(uint64_t size) {
  CheckpointRow checkpoint;
  RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(checkpoint, transaction.GetCheckpoint(size));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const std::vector<std::string> archives, ConnectedArchives());
  for (const std::string& archive : archives) {
    v1::Envelope envelope;
    ASSIGN_OR_RETURN(*envelope.mutable_ledger_head(), context.heads.For(archive, checkpoint));
    context.parts.nodes.Send(archive, std::move(envelope));
  }
  return absl::OkStatus();
}

absl::Status RoundEngine::State::RemoveOldSpools() {
  std::set<std::string> kept;
  ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, ActiveJobRows());
  RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
    for (const JobRow& job : jobs) {
      ASSIGN_OR_RETURN(const std::vector<RoundRow> rounds, transaction.ListRounds(job.job_id));
      if (rounds.empty() || Ended(rounds.back().state)) continue;
      ASSIGN_OR_RETURN(const std::vector<ParticipationRow> participations,
                       transaction.ListParticipations(rounds.back().round_id));
      for (const ParticipationRow& participation : participations)
        kept.insert(participation.participation_id);
    }
    return absl::OkStatus();
  }));
  std::error_code failed;
  std::vector<std::filesystem::path> old;
  for (std::filesystem::directory_iterator entry(context.config.spool_directory, failed), end;
       !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (kept.count(name) == 0) old.push_back(entry->path());
  }
  for (const std::filesystem::path& path : old) {
    if (!failed) std::filesystem::remove_all(path, failed);
  }
  if (!failed) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the spool folder cannot be cleared: ", failed.message()));
}

absl::Status RoundEngine::State::SendOpenWork(const std::string& archive) {
  ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, ActiveJobRows());
  for (const JobRow& job : jobs) {
    if (job.state == v1::JOB_STATE_PLANNING || job.state == v1::JOB_STATE_AWAITING_APPROVAL) {
      planning.Reoffer(job, archive);
      continue;
    }
    std::vector<RoundRow> rounds;
    RETURN_IF_ERROR(context.Transact([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(rounds, transaction.ListRounds(job.job_id));
      return absl::OkStatus();
    }));
    if (rounds.empty()) continue;
    const RoundRow& round = rounds.back();
    if (round.state == v1::ROUND_STATE_RECRUITING) RETURN_IF_ERROR(recruiting.Reinvite(round, archive));
    if (round.state == v1::ROUND_STATE_TRAINING || round.state == v1::ROUND_STATE_COLLECTING) {
      RETURN_IF_ERROR(collecting.Resend(job, round, archive));
    }
    if (round.state == v1::ROUND_STATE_EVALUATING) RETURN_IF_ERROR(evaluating.Resend(job, round, archive));
  }
  return absl::OkStatus();
}

void RoundEngine::State::OnProgress(const std::string& archive, const v1::TaskProgress& progress) {
  LiveTask* task = context.live.Find(progress.participation_id());
  if (task == nullptr || task->archive != archive) return;
  // A repeated message is no progress: the stall clock looks for change.
  if (task->told.SerializeAsString() == progress.SerializeAsString()) return;
  task->told = progress;
  collecting.NoteProgress(*task);
}

void RoundEngine::State::OnTaskFailure(const std::string& archive, const v1::TaskFailure& failure) {
  const LiveTask* task = context.live.Find(failure.id());
  if (task == nullptr || task->archive != archive) return;  // ended, or not this archive's
  const std::string job_id = task->job_id;
  const std::string round_id = task->round_id;
  RoundRow round;
  absl::Status status = context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(round, transaction.GetRound(round_id));
    return absl::OkStatus();
  });
  if (status.ok()) {
    status = round.state == v1::ROUND_STATE_EVALUATING
                 ? evaluating.OnFailure(round_id, archive, failure.code(), failure.detail())
                 : collecting.OnFailure(failure.id(), failure.code(), failure.detail());
  }
  if (!status.ok()) Trouble(job_id, status);
}

}  // namespace consort::coordinator
