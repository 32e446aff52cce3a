// The part of Contributions that the transfer service calls through UpdateIntake.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/jobs/spec_words.h"
#include "coordinator/rounds/contributions.h"
#include "coordinator/rounds/round_rows.h"

namespace consort::coordinator {
namespace {

// One message for a participation that does not exist and one that somebody else may not know of would be
// kinder to attackers than to operators: ids are 128 random bits, so telling them apart gives nothing away.
absl::Status CheckOwner(const absl::StatusOr<ParticipationRow>& participation, const std::string& archive) {
  if (absl::IsNotFound(participation.status())) {
    return absl::NotFoundError(
        absl::StrCat("there is no such participation; wait for a task (node ", archive, ")"));
  }
  RETURN_IF_ERROR(participation.status());
  if (participation->archive == archive) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(
      "foreign-participation: the participation belongs to another archive (node ", archive, ")"));
}

}  // namespace

absl::StatusOr<std::string> Contributions::OpenSpool(const std::string& archive,
                                                     const std::string& participation_id,
                                                     uint64_t total_bytes) {
  std::string refusal;
  std::string round_id;
  std::string job_id;
  bool begins = false;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    const absl::StatusOr<ParticipationRow> found = transaction.GetParticipation(participation_id);
    RETURN_IF_ERROR(CheckOwner(found, archive));
    ParticipationRow participation = *found;
    ASSIGN_OR_RETURN(RoundRow round, transaction.GetRound(participation.round_id));
    ASSIGN_OR_RETURN(const JobRow job, transaction.GetJob(participation.job_id));
    ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
    round_id = round.round_id;
    job_id = job.job_id;
    const bool collects =
        round.state == v1::ROUND_STATE_TRAINING || round.state == v1::ROUND_STATE_COLLECTING;
    if (!collects || Ended(participation.state) || participation.state == v1::PARTICIPATION_STATE_INVITED) {
      return absl::FailedPreconditionError(
          absl::StrCat("the round takes no update from this archive; ask for its verdict by sending the "
                       "contribution: state ",
                       ParticipationStateWord(participation.state), " (", Place(round, archive), ")"));
    }
    if (total_bytes == 0) return absl::OkStatus();
    const uint64_t expected = facts->in_force(round.number).payload_bytes();
    if (total_bytes != expected) {
      refusal = absl::StrCat("wrong-length: the update has ", total_bytes, " bytes, its manifest has ",
                             expected, " (", Place(round, archive), ")");
      participation.state = v1::PARTICIPATION_STATE_REFUSED;
      participation.reason = refusal;
      return transaction.Put(participation);
    }
    if (participation.state == v1::PARTICIPATION_STATE_UPLOADING) return absl::OkStatus();
    begins = true;
    participation.state = v1::PARTICIPATION_STATE_UPLOADING;
    RETURN_IF_ERROR(transaction.Put(participation));
    if (round.state == v1::ROUND_STATE_COLLECTING) return absl::OkStatus();
    round.state = v1::ROUND_STATE_COLLECTING;
    return transaction.Put(round);
  }));
  if (!refusal.empty()) {
    context_.parts.metrics.UpdateDecided(false, ReasonCode(refusal));
    if (const absl::Status status = collecting_.Consider(round_id); !status.ok())
      context_.flow.Trouble(job_id, status);
    return absl::InvalidArgumentError(refusal);
  }
  if (begins) context_.spent_spools.Remove();
  // Asking where an upload stands, or opening it again, moves nothing.
  if (LiveTask* task = context_.live.Find(participation_id); begins && task != nullptr) {
    collecting_.NoteProgress(*task);
  }
  return context_.SpoolPath(participation_id);
}

void Contributions::OnSpoolProgress(const std::string& participation_id, uint64_t committed_bytes) {
  LiveTask* task = context_.live.Find(participation_id);
  if (task == nullptr) return;
  const bool moved = committed_bytes > task->bytes_received;
  task->bytes_received = committed_bytes;  // less than before when damaged bytes were thrown away
  if (!moved) return;
  task->trouble.clear();
  collecting_.NoteProgress(*task);
}

void Contributions::OnSpoolTrouble(const std::string& participation_id, const std::string& problem) {
  if (LiveTask* task = context_.live.Find(participation_id); task != nullptr) task->trouble = problem;
}

void Contributions::OnSpoolComplete(const std::string& participation_id, const std::string& digest) {
  LiveTask* task = context_.live.Find(participation_id);
  if (task == nullptr) return;
  task->spool_digest = digest;
  task->bytes_received = task->bytes_total;
  collecting_.NoteProgress(*task);
  if (!task->waiting.has_value()) return;
  const v1::Envelope envelope = *std::exchange(task->waiting, std::nullopt);
  OnContribution(task->archive, envelope);
}

}  // namespace consort::coordinator
