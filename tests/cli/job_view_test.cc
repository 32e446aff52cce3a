#include "cli/job_view.h"

#include "common/text/display_width.h"
#include "gmock/gmock.h"

namespace consort::cli {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Truly;

const Terminal kPlain(/*is_terminal=*/true, /*has_colour=*/false, /*width=*/100);

v1::ParticipationStatus* AddPart(v1::RoundStatus& round, const char* archive, v1::ParticipationState state) {
  auto* part = round.add_participations();
  part->set_archive(archive);
  part->set_state(state);
  return part;
}

v1::JobStatus RunningJob() {
  v1::JobStatus job;
  job.set_job_id("00112233445566778899aabbccddeeff");
  job.mutable_spec()->set_name("trial");
  job.mutable_spec()->set_rounds(4);
  job.set_state(v1::JOB_STATE_RUNNING);
  job.set_rounds_closed(1);
  job.set_estimated_seconds_left(75);
  v1::RoundStatus& round = *job.add_rounds();
  round.set_number(2);
  round.set_state(v1::ROUND_STATE_TRAINING);
  auto* training = AddPart(round, "archive-uk-1", v1::PARTICIPATION_STATE_TRAINING);
  training->set_steps_done(5);
  training->set_steps_total(20);
  auto* uploading = AddPart(round, "archive-cn-1", v1::PARTICIPATION_STATE_UPLOADING);
  uploading->set_bytes_received(1000000);
  uploading->set_bytes_total(4000000);
  uploading->set_bytes_per_second(500000);
  return job;
}

TEST(WatchLinesTest, ShowRoundsDoneAndTimeLeft) {
  EXPECT_THAT(WatchLines(RunningJob(), kPlain)[0], HasSubstr("1/4 rounds, about 1 min 15 s left"));
}

TEST(WatchLinesTest, ShowStepsOfATrainingArchive) {
  EXPECT_THAT(WatchLines(RunningJob(), kPlain), Contains(HasSubstr("5/20 steps")));
}

TEST(WatchLinesTest, ShowRateAndEstimateOfAnUpload) {
  // By hand: 3,000,000 bytes left at 500,000 bytes a second.
  EXPECT_THAT(WatchLines(RunningJob(), kPlain),
              Contains(HasSubstr("1.00 MB of 4.00 MB, 500 kB/s, 6 s left")));
}

TEST(WatchLinesTest, FitTheTerminal) {
  const Terminal narrow(true, false, 60);
  EXPECT_THAT(WatchLines(RunningJob(), narrow),
              Each(Truly([](const std::string& line) { return DisplayWidth(line) < 60; })));
}

// Every round is closed and the model waits for the archives' cosignatures: the person must see for whom.
TEST(WatchLinesTest, ShowWhatARunningJobWaitsFor) {
  v1::JobStatus job = RunningJob();
  job.set_reason("awaiting-witnesses: archive-cn-1");
  EXPECT_THAT(WatchLines(job, kPlain)[1], HasSubstr("awaiting-witnesses: archive-cn-1"));
  EXPECT_THAT(ChangeLines(RunningJob(), job), ElementsAre("job running: awaiting-witnesses: archive-cn-1"));
  EXPECT_THAT(ChangeLines(job, job), IsEmpty());
}

TEST(WatchLinesTest, ShowOffersBeforeTheFirstRound) {
  v1::JobStatus job;
  auto* offer = job.add_offers();
  offer->set_archive("archive-uk-2");
  offer->set_state(v1::OFFER_STATE_REFUSED);
  offer->set_reason("purpose-not-covered");
  EXPECT_THAT(WatchLines(job, kPlain)[1], HasSubstr("purpose-not-covered"));
}

TEST(ChangeLinesTest, SayEachTransitionOnce) {
  const v1::JobStatus before = RunningJob();
  EXPECT_THAT(ChangeLines(before, before), IsEmpty());
  v1::JobStatus now = before;
  now.mutable_rounds(0)->mutable_participations(0)->set_state(v1::PARTICIPATION_STATE_UPLOADING);
  EXPECT_THAT(ChangeLines(before, now), ElementsAre("round 2 archive-uk-1 uploading"));
}

TEST(ChangeLinesTest, ProgressWithinAStateIsNotALine) {
  v1::JobStatus now = RunningJob();
  now.mutable_rounds(0)->mutable_participations(0)->set_steps_done(19);
  EXPECT_THAT(ChangeLines(RunningJob(), now), IsEmpty());
}

TEST(ChangeLinesTest, ResultsAreSaidWithTheirInterval) {
  v1::JobStatus now = RunningJob();
  now.mutable_rounds(0)->set_state(v1::ROUND_STATE_EVALUATING);
  const v1::JobStatus before = now;
  auto* result = now.mutable_rounds(0)->add_results();
  result->set_tradition("江南");
  result->set_before(2);
  result->set_after(1.5);
  result->set_difference(-0.5);
  result->set_has_interval(true);
  result->set_low(-0.6);
  result->set_high(-0.4);
  result->set_verdict(v1::TraditionResult::VERDICT_IMPROVED);
  EXPECT_THAT(ChangeLines(before, now), IsEmpty());  // other archives may still report
  now.mutable_rounds(0)->set_state(v1::ROUND_STATE_CLOSED);
  EXPECT_THAT(ChangeLines(before, now),
              ElementsAre("round 2  closed  0 s",
                          "round 2 江南: 2.0000 -> 1.5000 (−0.5000 [−0.6000, −0.4000]) improved"));
  result->set_has_personal(true);
  result->set_personal(1.25);
  EXPECT_THAT(ChangeLines(before, now)[1], HasSubstr("improved, own copy 1.2500"));
}

v1::RoundStatus EvaluatedRound() {
  v1::RoundStatus round;
  round.set_number(3);
  round.set_state(v1::ROUND_STATE_CLOSED);
  const auto add = [&](const char* tradition, const char* archive, double after,
                       v1::TraditionResult::Verdict verdict) {
    auto* result = round.add_results();
    result->set_tradition(tradition);
    result->set_archive(archive);
    result->set_measure("multi-scale-stft-distance.v1");
    result->set_before(25.1234);
    result->set_after(after);
    result->set_difference(after - 25.1234);
    result->set_has_interval(true);
    result->set_low(after - 25.2);
    result->set_high(after - 25.1);
    result->set_verdict(verdict);
    return result;
  };
  auto* together = add("western-popular-of-the-sixties", "", 24.5, v1::TraditionResult::VERDICT_IMPROVED);
  together->set_has_yardstick(true);
  together->set_yardstick(24);
  add("western-popular-of-the-sixties", "archive-uk-1", 24.5, v1::TraditionResult::VERDICT_IMPROVED);
  auto* harmed = add("huabei", "archive-cn-1", 26, v1::TraditionResult::VERDICT_HARMED);
  harmed->set_has_yardstick(true);
  harmed->set_yardstick(30);
  harmed->set_has_personal(true);
  harmed->set_personal(24);
  return round;
}

TEST(ResultLinesTest, ShowEachTraditionWithItsContextInEightyColumns) {
  v1::JobSpec spec;
  spec.set_objective(v1::OBJECTIVE_MINIMAX);
  const Terminal terminal(true, false, 80);
  const std::vector<std::string> lines = ResultLines(spec, EvaluatedRound(), terminal);
  EXPECT_THAT(lines, Each(Truly([](const std::string& line) { return DisplayWidth(line) < 80; })));
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_THAT(lines[0], HasSubstr("round 3, lower is better; multi-scale-stft-distance; objective minimax"));
  EXPECT_THAT(lines[1], HasSubstr("25.123 -> 24.500  −0.623 [−0.700, −0.600]   improved"));
  EXPECT_THAT(lines[2], HasSubstr("yardstick 24.000: not beaten"));
  EXPECT_THAT(lines[3], HasSubstr("at archive-uk-1"));
  EXPECT_THAT(lines[4], ::testing::StartsWith("! huabei"));
  EXPECT_THAT(lines[4], ::testing::ContainsRegex("HARMED *$"));
  EXPECT_THAT(lines[5], HasSubstr("yardstick 30.000: beaten; own copy 24.000: better than shared"));
}

TEST(ResultLinesTest, AreEmptyWithoutResults) {
  EXPECT_THAT(ResultLines(v1::JobSpec(), v1::RoundStatus(), kPlain), IsEmpty());
}

TEST(JobRecordTest, EvaluatedRoundsAndColumnsShowWhatThereIs) {
  v1::RoundStatus without;
  without.set_number(1);
  const std::vector<v1::RoundStatus> rounds = {without, EvaluatedRound()};
  const Json rows = EvaluatedRows(rounds);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["round"], 3);
  EXPECT_EQ(rows[0]["results"][2]["personal"], 24);
  EXPECT_FALSE(rows[0]["results"][0].contains("personal"));
  EXPECT_THAT(ResultColumns(rows[0]["results"]), ::testing::IsSupersetOf({"yardstick", "personal"}));
  EXPECT_THAT(ResultColumns(Json::array()), ::testing::Not(Contains("personal")));
}

TEST(ExitCodeOfJobTest, CompletedIsOk) {
  v1::JobStatus job;
  job.set_state(v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(ExitCodeOfJob(job), ExitCode::kOk);
}

TEST(ExitCodeOfJobTest, MissingArchivesAreUnavailableAndNamed) {
  v1::JobStatus job;
  job.set_state(v1::JOB_STATE_FAILED);
  job.set_reason("quorum-not-reached: archive-uk-2, archive-cn-1");
  EXPECT_EQ(ExitCodeOfJob(job), ExitCode::kUnavailable);
  EXPECT_EQ(MissingArchives(job), "archive-uk-2, archive-cn-1");
}

TEST(ExitCodeOfJobTest, OtherFailuresAndCancellationFail) {
  v1::JobStatus job;
  job.set_state(v1::JOB_STATE_FAILED);
  job.set_reason("model-not-loadable: base");
  EXPECT_EQ(ExitCodeOfJob(job), ExitCode::kFailed);
  job.set_state(v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(ExitCodeOfJob(job), ExitCode::kFailed);
}

TEST(JobRecordTest, IntervalIsNullWithoutOne) {
  v1::JobStatus job = RunningJob();
  job.mutable_rounds(0)->add_results()->set_tradition("english-folk");
  const Json rows = ResultRows(job);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0]["low"].is_null());
}

TEST(JobRecordTest, HarmedTraditionsAreThoseOfTheNewestResultsEachOnce) {
  v1::JobStatus job = RunningJob();
  const auto add = [](v1::RoundStatus& round, const char* tradition, v1::TraditionResult::Verdict verdict) {
    auto* result = round.add_results();
    result->set_tradition(tradition);
    result->set_verdict(verdict);
  };
  add(*job.mutable_rounds(0), "huabei", v1::TraditionResult::VERDICT_HARMED);  // and well again a round later
  v1::RoundStatus& newest = *job.add_rounds();
  add(newest, "huabei", v1::TraditionResult::VERDICT_IMPROVED);
  add(newest, "jiangnan", v1::TraditionResult::VERDICT_HARMED);
  add(newest, "jiangnan", v1::TraditionResult::VERDICT_HARMED);  // at another archive
  EXPECT_THAT(HarmedTraditions(job), ElementsAre("jiangnan"));
  EXPECT_EQ(JobRecord(job)["harmed"], Json::array({"jiangnan"}));
}

}  // namespace
}  // namespace consort::cli
