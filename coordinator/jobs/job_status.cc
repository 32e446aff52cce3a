#include "coordinator/jobs/job_status.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "consort/v1/session.pb.h"
#include "coordinator/jobs/spec_check.h"
#include "coordinator/jobs/spec_words.h"

namespace consort::coordinator {
namespace {

double SecondsOf(const RoundRow& round, absl::Time now) {
  const int64_t end = round.ended_unix_millis > 0 ? round.ended_unix_millis : absl::ToUnixMillis(now);
  return static_cast<double>(std::max<int64_t>(end - round.opened_unix_millis, 0)) / 1e3;
}

void FillParticipation(const ParticipationRow& row, const LiveProgress& live, uint32_t steps,
                       v1::ParticipationStatus& status) {
  status.set_archive(row.archive);
  status.set_group(row.group);
  status.set_state(row.state);
  status.set_reason(row.reason);
  status.set_weight(row.weight);
  status.set_steps_done(live.steps_done);
  status.set_steps_total(live.steps_total);
  status.set_bytes_received(live.bytes_received);
  status.set_bytes_total(live.bytes_total);
  status.set_bytes_per_second(live.bytes_per_second);
  if (row.state == v1::PARTICIPATION_STATE_ACKNOWLEDGED) {  // also after a restart that forgot the progress
    status.set_steps_done(steps);
    status.set_steps_total(steps);
    status.set_bytes_received(row.payload_bytes);
    status.set_bytes_total(row.payload_bytes);
    status.set_bytes_per_second(0);
  }
}

void FillRound(const RoundRows& rows, uint32_t steps, const LiveView& live, absl::Time now,
               v1::RoundStatus& status) {
  status.set_round_id(rows.round.round_id);
  status.set_number(rows.round.number);
  status.set_state(rows.round.state);
  status.set_reason(rows.round.reason);
  status.set_seconds(SecondsOf(rows.round, now));
  for (const ParticipationRow& row : rows.participations) {
    FillParticipation(row, live.ProgressOf(row.participation_id), steps, *status.add_participations());
  }
  for (v1::TraditionResult& result : live.ResultsOf(rows)) *status.add_results() = std::move(result);
}

// Leaf of the newest entry of a round; -1: it has none yet.
int64_t NewestLeafOf(const RoundRows& rows) {
  int64_t newest = std::max(rows.round.open_index, rows.round.aggregation_index);
  for (const ParticipationRow& row : rows.participations)
    newest = std::max({newest, row.contribution_index, row.decision_index});
  for (const EvaluationRow& row : rows.evaluations) newest = std::max(newest, row.index);
  return newest;
}

void FillRelease(const JobRows& rows, const LiveView& live, v1::JobStatus& status) {
  const int64_t index = rows.job.release_index;
  if (index < 0) return;
  status.set_release_index(static_cast<uint64_t>(index));
  status.set_release_state(StateOfLeaf(index, rows.standing));
  if (rows.job.state != v1::JOB_STATE_RUNNING) return;
  status.set_reason(absl::StrCat("awaiting-witnesses: ",
                                 absl::StrJoin(live.MissingWitnesses(static_cast<uint64_t>(index)), ", ")));
}

void FillOffer(const OfferRow& row, const LiveView& live, v1::OfferStatus& status) {
  status.set_archive(row.archive);
  status.set_state(row.state);
  status.set_reason(row.reason);
  status.set_plan_digest(row.plan_digest);
  status.set_connected(live.Connected(row.archive));
  v1::Plan plan;
  if (plan.ParseFromString(row.plan)) *status.mutable_supplies() = plan.supplies();
}

// Share of the slowest archive's steps that are done, 0 to 1.
double SlowestShare(const RoundRows& round, const LiveView& live) {
  double slowest = 1;
  for (const ParticipationRow& row : round.participations) {
    if (Ended(row.state)) continue;
    const LiveProgress progress = live.ProgressOf(row.participation_id);
    if (progress.steps_total == 0) return 0;
    slowest = std::min(slowest, static_cast<double>(progress.steps_done) / progress.steps_total);
  }
  return slowest;
}

}  // namespace

double EstimateSecondsLeft(const JobRows& rows, const LiveView& live, absl::Time now) {
  if (rows.job.state != v1::JOB_STATE_RUNNING || rows.rounds.empty()) return 0;
  double closed_seconds = 0;
  uint32_t closed = 0;
  for (const RoundRow& round : rows.rounds) {
    if (round.state != v1::ROUND_STATE_CLOSED) continue;
    closed_seconds += SecondsOf(round, now);
    ++closed;
  }
  const RoundRow& newest = rows.rounds.back();
  const bool open = !Ended(newest.state);
  const double elapsed = open ? SecondsOf(newest, now) : 0;
  double each = 0;
  if (closed > 0) {
    each = closed_seconds / closed;
  } else if (const double share = rows.shown.empty() ? 0 : SlowestShare(rows.shown.back(), live); share > 0) {
    each = elapsed / share;
  }
  const uint32_t left = rows.spec.rounds() - std::min(rows.spec.rounds(), closed);
  return each == 0 ? 0 : std::max(each * left - std::min(elapsed, each), 0.0);
}

v1::JobStatus BuildJobStatus(const JobRows& rows, const LiveView& live, absl::Time now) {
  v1::JobStatus status;
  const JobRow& job = rows.job;
  status.set_job_id(job.job_id);
  *status.mutable_spec() = rows.spec;
  status.mutable_spec()->set_name(rows.name);
  status.set_job_digest(job.job_digest);
  status.set_state(job.state);
  status.set_reason(job.reason);
  status.set_submitted_by(rows.submitted_by);
  status.set_submitted_unix_seconds(job.submitted_unix_seconds);
  status.set_rounds_closed(job.rounds_closed);
  status.set_model_digest(job.state_artifact);
  status.set_model_tensor_digest(job.state_digest);
  for (const OfferRow& offer : rows.offers) FillOffer(offer, live, *status.add_offers());
  for (const RoundRows& round : rows.shown) {
    FillRound(round, rows.spec.local().steps() + PersonalSteps(rows.spec), live, now, *status.add_rounds());
  }
  for (int i = 0; i < status.rounds_size(); ++i) {
    status.mutable_rounds(i)->set_ledger_state(StateOfLeaf(NewestLeafOf(rows.shown[i]), rows.standing));
  }
  FillRelease(rows, live, status);
  status.set_estimated_seconds_left(EstimateSecondsLeft(rows, live, now));
  return status;
}

}  // namespace consort::coordinator
