#include "coordinator/rounds/aggregating.h"

#include <filesystem>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/jobs/spec_check.h"
#include "coordinator/rounds/entries.h"
#include "coordinator/rounds/evaluating.h"
#include "coordinator/rounds/round_rows.h"

namespace consort::coordinator {
namespace {

ServerOptimiser OptimiserOf(const v1::JobSpec& spec) {
  ServerOptimiser optimiser;
  optimiser.kind = spec.strategy() == v1::STRATEGY_FEDAVGM   ? ServerOptimiser::Kind::kFedAvgM
                   : spec.strategy() == v1::STRATEGY_FEDADAM ? ServerOptimiser::Kind::kFedAdam
                                                             : ServerOptimiser::Kind::kFedAvg;
  optimiser.learning_rate = spec.server_learning_rate();
  optimiser.momentum = spec.server_momentum();
  optimiser.beta2 = spec.server_beta2();
  optimiser.epsilon = spec.server_epsilon();
  return optimiser;
}

// One fold with everything it reads. `facts` keeps the manifest alive.
struct Fold {
  std::shared_ptr<const JobFacts> facts;
  uint32_t round = 0;
  AggregateRequest request;
  std::set<int64_t> contributions;  // leaves
};

// Off the executor. The folder is emptied first: an interrupted fold may have left files there.
absl::StatusOr<AggregateResult> RunFold(Fold& fold, ArtifactStore& artifacts) {
  std::error_code failed;
  std::filesystem::remove_all(fold.request.output_directory, failed);
  if (!failed) std::filesystem::create_directories(fold.request.output_directory, failed);
  if (failed) {
    return absl::InternalError(absl::StrCat("the folder of a fold cannot be made: ", failed.message()));
  }
  fold.request.manifest = &fold.facts->in_force(fold.round);
  ASSIGN_OR_RETURN(AggregateResult folded, Aggregate(fold.request));
  RETURN_IF_ERROR(artifacts.AdoptFile(folded.state_path, folded.state_artifact));
  if (!folded.moments_path.empty()) {
    RETURN_IF_ERROR(artifacts.AdoptFile(folded.moments_path, folded.moments_artifact));
  }
  std::filesystem::remove_all(fold.request.output_directory, failed);
  return folded;
}

// Failures that come from the updates or the disk and would come again: the job ends with a named reason.
std::string ReasonOf(const absl::Status& status) {
  const absl::string_view code = absl::IsResourceExhausted(status)
                                     ? "disk-full: the coordinator cannot store the new model"
                                     : "aggregation-failed";
  return absl::StrCat(code, ": ", CleanReason(status.message()));
}

}  // namespace

absl::Status Aggregating::Begin(const JobRow& job, const RoundRow& round) {
  auto fold = std::make_shared<Fold>();
  ASSIGN_OR_RETURN(fold->facts, context_.FactsOf(job));
  fold->round = round.number;
  JobRow job_now;
  RoundRow round_now;
  std::vector<ParticipationRow> participations;
  RETURN_IF_ERROR(ReadRound(context_, round.round_id, job_now, round_now, participations));
  AggregateRequest& request = fold->request;
  for (const ParticipationRow& participation : participations) {
    if (participation.state != v1::PARTICIPATION_STATE_ACKNOWLEDGED) continue;
    request.spool_paths.push_back(context_.SpoolPath(participation.participation_id));
    fold->contributions.insert(participation.contribution_index);
  }
  if (request.spool_paths.empty()) {
    context_.flow.FailJob(job.job_id, "quorum-not-reached: every contribution was withdrawn");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(request.state_path, context_.parts.artifacts.PathOf(round.base_artifact));
  if (!job.optimiser_artifact.empty()) {
    ASSIGN_OR_RETURN(request.moments_path, context_.parts.artifacts.PathOf(job.optimiser_artifact));
  }
  request.optimiser = OptimiserOf(fold->facts->spec);
  request.output_directory = absl::StrCat(context_.config.spool_directory, "/fold-", round.round_id);
  request.metadata = {{"consort.architecture", fold->facts->spec.architecture()},
                      {"consort.job", job.job_id},
                      {"consort.ledger_origin", context_.parts.sequencer.identity().origin},
                      {"consort.round", absl::StrCat(round.number)},
                      {"consort.round_open_index", absl::StrCat(round.open_index)}};
  context_.flow.Changed(job.job_id);
  context_.RunBlocking<absl::StatusOr<AggregateResult>>(
      [fold, &artifacts = context_.parts.artifacts] { return RunFold(*fold, artifacts); },
      [this, fold, began = context_.Now(), job_id = job.job_id,
       round_id = round.round_id](const absl::StatusOr<AggregateResult>& folded) {
        if (!folded.ok()) return context_.flow.FailJob(job_id, ReasonOf(folded.status()));
        context_.parts.metrics.PhaseEnded("aggregating", context_.Now() - began);
        if (const absl::Status done = Finish(round_id, *folded, fold->contributions); !done.ok())
          context_.flow.Trouble(job_id, done);
      });
  return absl::OkStatus();
}

absl::Status Aggregating::Finish(const std::string& round_id, const AggregateResult& folded,
                                 const std::set<int64_t>& contributions) {
  bool stale = false;  // cancelled meanwhile
  std::string job_id;
  RETURN_IF_ERROR(context_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(RoundRow round, transaction.GetRound(round_id));
    stale = round.state != v1::ROUND_STATE_AGGREGATING || round.aggregation_index >= 0;
    if (stale) return absl::OkStatus();
    ASSIGN_OR_RETURN(JobRow job, transaction.GetJob(round.job_id));
    ASSIGN_OR_RETURN(const std::shared_ptr<const JobFacts> facts, context_.FactsOf(job));
    ASSIGN_OR_RETURN(const std::vector<ParticipationRow> participations,
                     transaction.ListParticipations(round_id));
    job_id = job.job_id;
    std::set<int64_t> now;
    for (const ParticipationRow& participation : participations) {
      if (participation.state == v1::PARTICIPATION_STATE_ACKNOWLEDGED)
        now.insert(participation.contribution_index);
    }
    if (now != contributions) return absl::OkStatus();  // one was withdrawn meanwhile: folded again
    round.result_artifact = folded.state_artifact;
    round.result_digest = folded.state_digest;
    EntryWriter entries(transaction, context_.parts.sequencer);
    ASSIGN_OR_RETURN(const Appended entry, entries.Aggregation(facts->spec, round, participations, folded));
    round.aggregation_index = static_cast<int64_t>(entry.index);
    job.state_artifact = round.result_artifact;
    job.state_digest = round.result_digest;
    job.optimiser_artifact = folded.moments_artifact;
    if (EvaluatesAfter(facts->spec, round.number)) {
      round.state = v1::ROUND_STATE_EVALUATING;
      round.deadline_unix_millis = context_.WallMillis() + int64_t{1000} * facts->spec.deadline_seconds();
      RETURN_IF_ERROR(AskCohort(transaction, round, participations));
    }
    RETURN_IF_ERROR(transaction.Put(round));
    return transaction.Put(job);
  }));
  if (!stale) context_.flow.Continue(job_id);
  return absl::OkStatus();
}

}  // namespace consort::coordinator
