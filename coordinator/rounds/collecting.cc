#include "coordinator/rounds/collecting.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "coordinator/jobs/spec_words.h"
#include "coordinator/rounds/round_rows.h"

namespace consort::coordinator {
namespace {

std::string DeadlineTimer(const std::string& round_id) { return "deadline/" + round_id; }
std::string GraceTimer(const std::string& round_id) { return "grace/" + round_id; }
std::string StallTimer(const std::string& round_id) { return "stall/" + round_id; }

bool Collects(const RoundRow& round) {
  return round.state == v1::ROUND_STATE_TRAINING || round.state == v1::ROUND_STATE_COLLECTING;
}

// What is in the spool already; 0 if there is none.
uint64_t SpooledBytes(const std::string& path) {
  std::error_code missing;
  const uintmax_t bytes = std::filesystem::file_size(path, missing);
  return missing ? 0 : static_cast<uint64_t>(bytes);
}

// What kept an update from being stored here, as the end of a reason.
std::string TroubleOf(const LiveTask* task) {
  return task == nullptr || task->trouble.empty() ? "" : absl::StrCat("; ", CleanReason(task->trouble));
}

void SendCancelled(EngineContext& context, const ParticipationRow& participation) {
  v1::Envelope envelope;
  envelope.set_request_id("cancel-" + participation.participation_id);
  envelope.mutable_task_cancelled()->set_id(participation.participation_id);
  envelope.mutable_task_cancelled()->set_reason(participation.reason);
  context.parts.nodes.Send(participation.archive, std::move(envelope));
}

}  // namespace

absl::Status Collecting::Begin(const JobRow& job, const RoundRow& round) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  JobRow job_now;
  RoundRow round_now;
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(ReadRound(context_, round.round_id, job_now, round_now, participations));
  for (const ParticipationRow& participation : participations) {
    if (Ended(participation.state)) continue;
    LiveTask& task = context_.live.Start(participation.participation_id, participation.archive, round.job_id,
                                         round.round_id, context_.Now());
    task.last_progress = context_.Now();
    task.bytes_total = facts->in_force(round.number).payload_bytes();
    task.bytes_received = SpooledBytes(context_.SpoolPath(participation.participation_id));
    RETURN_IF_ERROR(SendTask(job, round, participation));
  }
  context_.timers.Set(DeadlineTimer(round.round_id), context_.Until(round.deadline_unix_millis),
                      [this, job_id = job.job_id, round_id = round.round_id] {
                        const absl::Status closed = Close(round_id, End::kDeadline);
                        if (!closed.ok()) context_.flow.Trouble(job_id, closed);
                      });
  ArmStallTimer(job.job_id, round.round_id, absl::Seconds(facts->spec.stall_seconds()));
  context_.flow.Changed(job.job_id);
  return Consider(round.round_id);
}

absl::Status Collecting::Resend(const JobRow& job, const RoundRow& round, const std::string& archive) {
  JobRow job_now;
  RoundRow round_now;
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(ReadRound(context_, round.round_id, job_now, round_now, participations));
  for (const ParticipationRow& participation : participations) {
    if (participation.archive != archive || Ended(participation.state)) continue;
    if (LiveTask* task = context_.live.Find(participation.participation_id); task != nullptr)
      NoteProgress(*task);
    RETURN_IF_ERROR(SendTask(job, round, participation));
  }
  return absl::OkStatus();
}

absl::Status Collecting::SendTask(const JobRow& job, const RoundRow& round,
                                  const ParticipationRow& participation) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  const auto open_index = static_cast<uint64_t>(round.open_index);
  LeafRow leaf;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(leaf, transaction.GetLeaf(open_index));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const CheckpointRow checkpoint, context_.heads.Covering(open_index));
  ASSIGN_OR_RETURN(const std::vector<std::string> inclusion,
                   context_.parts.sequencer.InclusionProof(open_index, checkpoint.size));
  v1::Envelope envelope;
  envelope.set_request_id("train-" + participation.participation_id);
  v1::TrainTask& task = *envelope.mutable_train_task();
  task.set_participation_id(participation.participation_id);
  task.set_round_id(round.round_id);
  task.set_job_id(round.job_id);
  task.set_number(round.number);
  task.set_spec(facts->spec_bytes);
  task.set_base_model_digest(facts->spec.base_model_digest());
  task.set_state_digest(round.base_artifact);
  task.set_base_digest(round.base_digest);
  task.set_manifest(facts->in_force(round.number).json());
  task.set_weight(participation.weight);
  task.set_round_open_index(open_index);
  task.set_round_open_envelope(leaf.body);
  for (const std::string& hash : inclusion) task.add_inclusion_proof(hash);
  task.set_deadline_millis(absl::ToInt64Milliseconds(context_.Until(round.deadline_unix_millis)));
  ASSIGN_OR_RETURN(*task.mutable_head(), context_.heads.For(participation.archive, checkpoint));
  context_.parts.nodes.Send(participation.archive, std::move(envelope));
  return absl::OkStatus();
}

absl::Status Collecting::OnFailure(const std::string& participation_id, const std::string& code,
                                   const std::string& detail) {
  std::string round_id;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(ParticipationRow participation, transaction.GetParticipation(participation_id));
    round_id = participation.round_id;
    if (Ended(participation.state)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const RoundRow round, transaction.GetRound(round_id));
    if (!Collects(round)) return absl::OkStatus();
    participation.state =
        code == "withdrawn" ? v1::PARTICIPATION_STATE_WITHDRAWN : v1::PARTICIPATION_STATE_FAILED;
    participation.reason = absl::StrCat(CleanReason(code), ": ", CleanReason(detail), " (",
                                        Place(round, participation.archive), ")");
    return transaction.Put(participation);
  }));
  return Consider(round_id);
}

void Collecting::NoteProgress(LiveTask& task) {
  task.last_progress = context_.Now();
  task.rate.Note(context_.Now(), task.bytes_received);
  context_.flow.Changed(task.job_id);
}

absl::Status Collecting::Consider(const std::string& round_id) {
  JobRow job;
  RoundRow round;
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(ReadRound(context_, round_id, job, round, participations));
  context_.flow.Changed(job.job_id);
  if (!Collects(round)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  uint32_t accepted = 0;
  uint32_t open = 0;
  for (const ParticipationRow& participation : participations) {
    accepted += participation.state == v1::PARTICIPATION_STATE_ACKNOWLEDGED;
    open += !Ended(participation.state);
  }
  if (open == 0) return Close(round_id, End::kAllIn);
  if (accepted + open < facts->spec.quorum()) return Close(round_id, End::kOutOfReach);
  if (accepted >= facts->spec.quorum() && !context_.timers.IsSet(GraceTimer(round_id))) {
    context_.timers.Set(GraceTimer(round_id), absl::Seconds(facts->spec.grace_seconds()),
                        [this, job_id = job.job_id, round_id] {
                          const absl::Status closed = Close(round_id, End::kGrace);
                          if (!closed.ok()) context_.flow.Trouble(job_id, closed);
                        });
  }
  return absl::OkStatus();
}

absl::Status Collecting::Close(const std::string& round_id, End why) {
  JobRow job;
  RoundRow round;
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(ReadRound(context_, round_id, job, round, participations));
  if (!Collects(round)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  std::vector<ParticipationRow> ended;
  std::vector<std::string> missing;
  for (ParticipationRow& participation : participations) {
    if (participation.state != v1::PARTICIPATION_STATE_ACKNOWLEDGED) missing.push_back(participation.archive);
    if (Ended(participation.state)) continue;
    const bool lost = why == End::kDeadline && !context_.parts.nodes.Connected(participation.archive);
    participation.state = lost ? v1::PARTICIPATION_STATE_LOST : v1::PARTICIPATION_STATE_LATE;
    const absl::string_view reason = lost                    ? "lost: away at the round's deadline"
                                     : why == End::kDeadline ? "late: no update at the round's deadline"
                                     : why == End::kOutOfReach
                                         ? "late: the round ended, its quorum out of reach"
                                         : "late: no update at the end of the grace period";
    participation.reason = absl::StrCat(reason, TroubleOf(context_.live.Find(participation.participation_id)),
                                        " (", Place(round, participation.archive), ")");
    ended.push_back(participation);
  }
  const bool enough = participations.size() - missing.size() >= facts->spec.quorum();
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    for (const ParticipationRow& participation : ended) RETURN_IF_ERROR(transaction.Put(participation));
    if (!enough) return absl::OkStatus();  // FailJob ends the round
    round.state = v1::ROUND_STATE_AGGREGATING;
    return transaction.Put(round);
  }));
  for (const auto& name : {DeadlineTimer(round_id), GraceTimer(round_id), StallTimer(round_id)}) {
    context_.timers.Cancel(name);
  }
  for (const ParticipationRow& participation : ended) SendCancelled(context_, participation);
  if (enough) {
    context_.parts.metrics.PhaseEnded("training", context_.parts.executor.WallClock() -
                                                      absl::FromUnixMillis(round.deadline_unix_millis) +
                                                      absl::Seconds(facts->spec.deadline_seconds()));
    context_.flow.Continue(job.job_id);
  } else {
    context_.flow.FailJob(job.job_id, absl::StrCat("quorum-not-reached: ", absl::StrJoin(missing, ", ")));
  }
  return absl::OkStatus();
}

void Collecting::ArmStallTimer(const std::string& job_id, const std::string& round_id, absl::Duration stall) {
  JobRow job;
  RoundRow round;
  std::vector<ParticipationRow> participations;
  absl::Duration next = stall;
  if (ReadRound(context_, round_id, job, round, participations).ok()) {
    for (const ParticipationRow& participation : participations) {
      const LiveTask* task = context_.live.Find(participation.participation_id);
      if (task == nullptr || Ended(participation.state)) continue;
      next = std::min(next, task->last_progress + stall - context_.Now());
    }
  }
  // Never more than one look a second, so that clocks that are due cannot spin.
  context_.timers.Set(StallTimer(round_id), std::max(next, absl::Seconds(1)), [this, job_id, round_id] {
    if (const absl::Status checked = CheckStalls(round_id); !checked.ok())
      context_.flow.Trouble(job_id, checked);
  });
}

absl::Status Collecting::CheckStalls(const std::string& round_id) {
  JobRow job;
  RoundRow round;
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(ReadRound(context_, round_id, job, round, participations));
  if (!Collects(round)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
  const absl::Duration stall = absl::Seconds(facts->spec.stall_seconds());
  for (ParticipationRow& participation : participations) {
    LiveTask* task = context_.live.Find(participation.participation_id);
    if (task == nullptr || Ended(participation.state) || task->checking) continue;
    if (!context_.parts.nodes.Connected(participation.archive)) {
      task->last_progress =
          context_.Now();  // suspended: resumable until the deadline, so its clock stands still
      continue;
    }
    if (context_.Now() - task->last_progress < stall) continue;
    participation.state = v1::PARTICIPATION_STATE_FAILED;
    participation.reason = absl::StrCat("stalled: no progress for ", facts->spec.stall_seconds(), " s",
                                        TroubleOf(task), " (", Place(round, participation.archive), ")");
    RETURN_IF_ERROR(context_.Transact(
        [&](Transaction& transaction) -> absl::Status { return transaction.Put(participation); }));
    SendCancelled(context_, participation);
  }
  ArmStallTimer(job.job_id, round_id, stall);
  return Consider(round_id);
}

}  // namespace consort::coordinator
