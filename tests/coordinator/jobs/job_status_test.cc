#include "coordinator/jobs/job_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace consort::coordinator {
namespace {

class FakeView : public LiveView {
 public:
  bool Connected(absl::string_view archive) const override { return archive == "archive-uk-1"; }
  LiveProgress ProgressOf(absl::string_view id) const override {
    const auto found = progress.find(std::string(id));
    return found == progress.end() ? LiveProgress() : found->second;
  }
  std::vector<v1::TraditionResult> ResultsOf(const RoundRows&) const override { return {}; }
  std::vector<std::string> MissingWitnesses(uint64_t) const override {
    return {"archive-cn-1", "archive-uk-1"};
  }
  std::map<std::string, LiveProgress> progress;
};

constexpr int64_t kNow = 1'800'000'000;

class JobStatusTest : public ::testing::Test {
 protected:
  JobStatusTest() {
    rows_.job.job_id = "job";
    rows_.job.state = v1::JOB_STATE_RUNNING;
    rows_.spec.set_rounds(4);
    rows_.spec.mutable_local()->set_steps(100);
  }
  void AddRound(uint32_t number, v1::RoundState state, int64_t opened_seconds_ago, int64_t seconds) {
    RoundRows round;
    round.round.number = number;
    round.round.state = state;
    round.round.opened_unix_millis = (kNow - opened_seconds_ago) * 1000;
    if (seconds > 0) round.round.ended_unix_millis = round.round.opened_unix_millis + seconds * 1000;
    rows_.rounds.push_back(round.round);
    rows_.shown.push_back(round);
  }
  void AddParticipation(const std::string& id, v1::ParticipationState state) {
    ParticipationRow row;
    row.participation_id = id;
    row.archive = "archive-" + id;
    row.state = state;
    row.payload_bytes = state == v1::PARTICIPATION_STATE_ACKNOWLEDGED ? 4000 : 0;
    rows_.shown.back().participations.push_back(row);
  }
  v1::JobStatus Status() { return BuildJobStatus(rows_, view_, absl::FromUnixSeconds(kNow)); }

  JobRows rows_;
  FakeView view_;
};

TEST_F(JobStatusTest, EachRoundSaysHowFarItsNewestEntryIs) {
  rows_.standing = {.sealed_size = 20, .witnessed_size = 10};
  for (const int64_t newest : {9, 10, 20}) {
    AddRound(1, v1::ROUND_STATE_CLOSED, 50, 10);
    rows_.shown.back().round.open_index = 4;
    EvaluationRow evaluation;
    evaluation.index = newest;
    rows_.shown.back().evaluations.push_back(evaluation);
  }
  AddRound(2, v1::ROUND_STATE_RECRUITING, 5, 0);
  const v1::JobStatus status = Status();
  EXPECT_EQ(status.rounds(0).ledger_state(), v1::ENTRY_STATE_WITNESSED);
  EXPECT_EQ(status.rounds(1).ledger_state(), v1::ENTRY_STATE_SEALED);
  EXPECT_EQ(status.rounds(2).ledger_state(), v1::ENTRY_STATE_DURABLE);
  EXPECT_EQ(status.rounds(3).ledger_state(), v1::ENTRY_STATE_UNSPECIFIED);
}

TEST_F(JobStatusTest, AModelThatWaitsForItsWitnessesNamesThem) {
  rows_.job.release_index = 15;
  rows_.standing = {.sealed_size = 20, .witnessed_size = 10};
  EXPECT_EQ(Status().reason(), "awaiting-witnesses: archive-cn-1, archive-uk-1");
  EXPECT_EQ(Status().release_index(), 15u);
  EXPECT_EQ(Status().release_state(), v1::ENTRY_STATE_SEALED);
  rows_.job.state = v1::JOB_STATE_COMPLETED;
  rows_.standing.witnessed_size = 16;
  EXPECT_EQ(Status().reason(), "");
  EXPECT_EQ(Status().release_state(), v1::ENTRY_STATE_WITNESSED);
}

TEST_F(JobStatusTest, ShowsStepsBytesAndRateOfWorkUnderWay) {
  AddRound(1, v1::ROUND_STATE_COLLECTING, 50, 0);
  AddParticipation("p1", v1::PARTICIPATION_STATE_UPLOADING);
  view_.progress["p1"] = {100, 100, 2000, 4000, 500};
  const v1::ParticipationStatus shown = Status().rounds(0).participations(0);
  EXPECT_EQ(shown.bytes_received(), 2000u);
  EXPECT_EQ(shown.bytes_total(), 4000u);
  EXPECT_EQ(shown.bytes_per_second(), 500);
  EXPECT_EQ(Status().rounds(0).seconds(), 50);
}

TEST_F(JobStatusTest, AnAcknowledgedUpdateIsWholeAlsoWhenARestartForgotItsProgress) {
  AddRound(1, v1::ROUND_STATE_COLLECTING, 50, 0);
  AddParticipation("p1", v1::PARTICIPATION_STATE_ACKNOWLEDGED);
  const v1::ParticipationStatus shown = Status().rounds(0).participations(0);
  EXPECT_EQ(shown.steps_done(), 100u);
  EXPECT_EQ(shown.bytes_received(), 4000u);
}

TEST_F(JobStatusTest, EstimatesFromTheRoundsThatAreClosed) {
  AddRound(1, v1::ROUND_STATE_CLOSED, 100, 40);
  AddRound(2, v1::ROUND_STATE_TRAINING, 10, 0);
  // Three rounds of 40 s are left, 10 s of the second have passed.
  EXPECT_DOUBLE_EQ(Status().estimated_seconds_left(), 110);
}

TEST_F(JobStatusTest, EstimatesTheFirstRoundFromTheSlowestArchive) {
  AddRound(1, v1::ROUND_STATE_TRAINING, 30, 0);
  AddParticipation("p1", v1::PARTICIPATION_STATE_TRAINING);
  AddParticipation("p2", v1::PARTICIPATION_STATE_TRAINING);
  view_.progress["p1"].steps_total = view_.progress["p2"].steps_total = 100;
  view_.progress["p1"].steps_done = 75;
  view_.progress["p2"].steps_done = 50;
  // A round takes 60 s; four of them less the 30 s that have passed.
  EXPECT_DOUBLE_EQ(Status().estimated_seconds_left(), 210);
}

TEST_F(JobStatusTest, WithoutAnythingToGoByTheEstimateIsZero) {
  AddRound(1, v1::ROUND_STATE_TRAINING, 30, 0);
  AddParticipation("p1", v1::PARTICIPATION_STATE_TRAINING);
  EXPECT_EQ(Status().estimated_seconds_left(), 0);
  rows_.job.state = v1::JOB_STATE_COMPLETED;
  EXPECT_EQ(Status().estimated_seconds_left(), 0);
}

}  // namespace
}  // namespace consort::coordinator
