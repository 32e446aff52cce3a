#include "common/explain/job_report.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/common/explain/sample_job.h"
#include "tests/support/status_matchers.h"

namespace consort::explain {
namespace {

using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using testing::AddFirstRound;
using testing::AddPlanning;
using testing::AddRelease;
using testing::AddSecondRound;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::kSampleJobId;
using ::testing::Not;
using testing::SampleLedger;

SampleLedger CompletedJob() {
  SampleLedger ledger;
  AddPlanning(ledger);
  AddFirstRound(ledger);
  AddSecondRound(ledger);
  AddRelease(ledger);
  return ledger;
}

std::string Render(const SampleLedger& ledger) {
  return RenderJobReport(kSampleJobId, ledger.entries(), ledger.Proof()).value();
}

// The article of one language.
std::string Article(const std::string& page, const std::string& tag) {
  const size_t begin = page.find("lang=\"" + tag + "\">", page.find("<article"));
  return page.substr(begin, page.find("</article>", begin) - begin);
}

TEST(JobReportTest, HoldsTheSameStatementsInEnglishAndChinese) {
  const std::string page = Render(CompletedJob());
  // For looking at it: CONSORT_REPORT_SAMPLE names a file to write the page to.
  if (const char* path = std::getenv("CONSORT_REPORT_SAMPLE")) std::ofstream(path) << page;
  EXPECT_THAT(Article(page, "en"), AllOf(HasSubstr("Who contributed"), HasSubstr("−0.4333")));
  EXPECT_THAT(Article(page, "zh-Hans"), AllOf(HasSubstr("参与的档案馆"), HasSubstr("−0.4333")));
}

TEST(JobReportTest, ShowsWhatWasErasedAndOpensWhatWasNot) {
  const std::string name(64, 'a');
  const std::string submitter(64, 'b');
  SampleLedger ledger;
  AddPlanning(ledger, {{"name", ""},
                       {"submitted_by", "researcher"},
                       {"commitments", {{"name", name}, {"submitted_by", submitter}}}});
  ReportProof proof = ledger.Proof();
  const std::string sealed = RenderJobReport(kSampleJobId, ledger.entries(), proof).value();
  EXPECT_THAT(sealed, AllOf(HasSubstr(name), HasSubstr(submitter)));
  proof.openings = {{name, std::nullopt}, {submitter, "spiffe://example.org/researcher/r-1"}};
  const std::string page = RenderJobReport(kSampleJobId, ledger.entries(), proof).value();
  EXPECT_THAT(Article(page, "en"), AllOf(HasSubstr("<h1>erased</h1>"), HasSubstr("researcher/r-1")));
  EXPECT_THAT(Article(page, "zh-Hans"), HasSubstr("<h1>已删除</h1>"));
}

TEST(JobReportTest, ShowsArchivesOwnCopiesWhereThereAreAny) {
  EXPECT_THAT(Render(CompletedJob()), Not(HasSubstr("Own copy")));
  SampleLedger ledger;
  AddPlanning(ledger);
  AddFirstRound(ledger);
  AddSecondRound(ledger);
  AddRelease(ledger, {"improved", "harmed", "unclear"}, /*personal=*/"1.6543");
  const std::string page = Render(ledger);
  EXPECT_THAT(Article(page, "en"), AllOf(HasSubstr("data-title=\"Own copy\""), HasSubstr("1.6543"),
                                         HasSubstr("It stays at the archive")));
  EXPECT_THAT(Article(page, "zh-Hans"), AllOf(HasSubstr("data-title=\"本馆副本\""), HasSubstr("1.6543")));
}

TEST(JobReportTest, NamesAHarmedTraditionFirstAndInRed) {
  const std::string page = Render(CompletedJob());
  EXPECT_THAT(page, HasSubstr("<div class=\"verdict harmed\"><p><strong>The model got worse for: 江南."));
  EXPECT_THAT(page, HasSubstr("<tr class=\"harmed\"><td data-title=\"Tradition\">江南</td>"));
}

TEST(JobReportTest, SaysOfAllTraditionsOrOfSomeThatTheyGotBetter) {
  for (const auto& [third, summary] : std::map<std::string, std::string>{
           {"improved", "The model got better for every tradition that was compared."},
           {"unclear", "The model got better for some traditions, and none is shown to have got worse."}}) {
    SampleLedger ledger;
    AddPlanning(ledger);
    AddRelease(ledger, {"improved", "improved", third});
    EXPECT_THAT(Render(ledger),
                HasSubstr("<div class=\"verdict improved\"><p><strong>" + summary + "</strong>"));
  }
}

// The sample's entries begin at leaf 7. By hand: witnessed up to 10 are 7 to 9; the checkpoint covers the rest.
TEST(JobReportTest, SaysOfEachEntryHowFarItHasCome) {
  const SampleLedger ledger = CompletedJob();
  ReportProof proof = ledger.Proof();
  proof.witnessed_size = 10;
  const std::string page = RenderJobReport(kSampleJobId, ledger.entries(), proof).value();
  const std::string witnessed = page.substr(page.find("Entries of this job, witnessed"));
  const std::string marks = witnessed.substr(0, witnessed.find("</dd>"));
  EXPECT_THAT(marks, AllOf(HasSubstr("entry 7<"), HasSubstr("entry 9<"), Not(HasSubstr("entry 10<"))));
  EXPECT_THAT(page, HasSubstr("Entries of this job, sealed"));
  EXPECT_THAT(page, Not(HasSubstr("Entries of this job, durable")));
  EXPECT_THAT(page, HasSubstr("本任务的条目（已见证）"));
  proof.checkpoint.clear();
  proof.witnessed_size = 0;
  EXPECT_THAT(RenderJobReport(kSampleJobId, ledger.entries(), proof).value(),
              HasSubstr("Entries of this job, durable"));
}

TEST(JobReportTest, SaysThatThereIsNoIntervalWithFewerThanThreeRecordings) {
  EXPECT_THAT(Render(CompletedJob()), HasSubstr("no interval"));
}

TEST(JobReportTest, AddsUpWhatLeftEachArchive) {
  // By hand: archive-uk-1 sent two updates of 1,500,000 bytes and stated 2 x 1,500,412 with its last
  // evaluation.
  EXPECT_THAT(Render(CompletedJob()),
              HasSubstr("<td data-title=\"Archive\">archive-uk-1</td><td data-title=\"Bytes of updates\" "
                        "class=\"number\">3,000,000</td>"
                        "<td data-title=\"All bytes stated\" class=\"number\">3,000,824</td>"));
}

TEST(JobReportTest, ShowsRefusedAndLostPartsOfARoundWithTheirReasons) {
  const std::string page = Render(CompletedJob());
  EXPECT_THAT(page, HasSubstr("archive-cn-1: refused (norm-above-clip)"));
  EXPECT_THAT(page, HasSubstr("archive-cn-2: lost"));
  EXPECT_THAT(page, HasSubstr("refused: purpose-not-covered"));
}

TEST(JobReportTest, MeansOfARoundAreThoseOfItsRecordings) {
  // By hand: (1.6 + 1.8 + 1.9) / 3 = 1.7667.
  EXPECT_THAT(Render(CompletedJob()), HasSubstr("english-folk 1.7667"));
}

TEST(JobReportTest, AFailedJobSaysWhyAndThatNothingWasReleased) {
  SampleLedger ledger;
  AddPlanning(ledger);
  ledger.Add(ledger::Kind::kDecision,
             {{"about", "job"}, {"outcome", "failed"}, {"reason", "quorum-not-reached: archive-cn-1"}});
  EXPECT_THAT(Render(ledger), AllOf(HasSubstr("This training failed: quorum-not-reached: archive-cn-1."),
                                    HasSubstr("No model was released")));
}

TEST(JobReportTest, AJobThatHasNotEndedSaysSo) {
  SampleLedger ledger;
  AddPlanning(ledger);
  EXPECT_THAT(Render(ledger), HasSubstr("has not ended yet"));
}

TEST(JobReportTest, EscapesEveryTextOfTheLedger) {
  SampleLedger ledger;
  nlohmann::json job = testing::SampleJob();
  job["name"] = "<script>alert('1')</script>";
  job["purpose"] = "\"><img src=x>";
  ledger.Add(ledger::Kind::kJob, job);
  ledger.Add(ledger::Kind::kApproval,
             {{"archive", "<b>"}, {"decision", "refuse"}, {"reason", "<i>"}, {"basis", "<u>"}});
  const std::string page = Render(ledger);
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"));
  for (const char* tag : {"<script", "<img", "<b>-", "<i>", "<u>"})
    EXPECT_THAT(page, Not(HasSubstr(tag))) << tag;
}

TEST(JobReportTest, LoadsNothingFromElsewhere) {
  const std::string page = Render(CompletedJob());
  EXPECT_FALSE(std::regex_search(page, std::regex("(src=|href=|url\\(|@import|http://|https://)")));
}

TEST(JobReportTest, NoTextIsMissingFromTheCatalogue) {
  const std::string page = Render(CompletedJob());
  EXPECT_THAT(page, Not(HasSubstr("report.")));
  EXPECT_FALSE(std::regex_search(page.substr(page.find("<body>")), std::regex("\\{[a-z]+\\}")));
}

TEST(JobReportTest, IsTheSameForTheSameEntries) { EXPECT_EQ(Render(CompletedJob()), Render(CompletedJob())); }

TEST(JobReportTest, EntriesOfOtherJobsChangeNothing) {
  SampleLedger ledger = CompletedJob();
  const std::string before = RenderJobReport(kSampleJobId, ledger.entries(), {}).value();
  nlohmann::json other = testing::SampleJob();
  other["job_id"] = "ffffffffffffffffffffffffffffffff";
  ledger.Add(ledger::Kind::kJob, other);
  EXPECT_EQ(RenderJobReport(kSampleJobId, ledger.entries(), {}).value(), before);
}

nlohmann::json Scores(const char* tradition, nlohmann::json pairs) {
  return nlohmann::json::array({{{"tradition", tradition}, {"pairs", std::move(pairs)}}});
}

nlohmann::json OnePair(const char* before, const char* after) {
  return nlohmann::json::array({nlohmann::json::array({before, after})});
}

// An evaluation of round 1 by the archive that has not sent one.
nlohmann::json FittingEvaluation() {
  return {{"archive", "archive-cn-2"},
          {"round", 1},
          {"round_id", testing::kSampleFirstRoundId},
          {"after_digest", testing::kSampleDigest},
          {"bytes_sent", 9000000},
          {"journal_head", testing::kSampleDigest},
          {"scores", Scores("华北", OnePair("1", "9"))}};
}

// docs/formats/ledger.md: what an archive signs is logged whatever it says, and has no effect where it does
// not fit.
TEST(JobReportTest, ClaimsOfArchivesThatFitNothingChangeNothing) {
  using nlohmann::json;
  SampleLedger ledger = CompletedJob();
  const std::string before = RenderJobReport(kSampleJobId, ledger.entries(), {}).value();
  const std::pair<const char*, json> changes[] = {
      {"archive", "archive-uk-2"},             // not in the cohort
      {"round", 99},                           // never opened
      {"round_id", std::string(32, 'f')},      // of no round
      {"after_digest", std::string(64, '0')},  // a model that the round did not make
      {"scores", json::array({"no object"})},
      {"scores", json::array({{{"tradition", "华北"}}})},
      {"scores", Scores("华北", json::array({"no pair"}))},
      {"scores", Scores("华北", OnePair("1", "inf"))},
      {"scores", Scores("english-folk", OnePair("1", "9"))},  // another archive's
  };
  for (const auto& [member, value] : changes) {
    json claim = FittingEvaluation();
    claim[member] = value;
    ledger.Add(ledger::Kind::kEvaluation, claim);
  }
  ledger.Add(ledger::Kind::kContribution, {{"archive", "archive-uk-1"}, {"round", 99}});
  ledger.Add(ledger::Kind::kApproval, {{"archive", "archive-uk-1"}, {"decision", "refuse"}});
  EXPECT_THAT(RenderJobReport(kSampleJobId, ledger.entries(), {}), IsOkAndHolds(before));
}

TEST(JobReportTest, AnArchivesSecondEvaluationOfARoundChangesNothing) {
  SampleLedger ledger = CompletedJob();
  ledger.Add(ledger::Kind::kEvaluation, FittingEvaluation());
  const std::string once = RenderJobReport(kSampleJobId, ledger.entries(), {}).value();
  EXPECT_NE(once, RenderJobReport(kSampleJobId, CompletedJob().entries(), {}).value());
  ledger.Add(ledger::Kind::kEvaluation, FittingEvaluation());
  EXPECT_THAT(RenderJobReport(kSampleJobId, ledger.entries(), {}), IsOkAndHolds(once));
}

TEST(JobReportTest, SaysWhenTheLastEntriesAreNotYetSealed) {
  SampleLedger ledger = CompletedJob();
  const ReportProof proof = ledger.Proof();
  ASSERT_THAT(Render(ledger), HasSubstr("All entries of this job are covered"));
  ledger.Add(ledger::Kind::kDecision, {{"about", "job"}, {"outcome", "failed"}, {"reason", "late"}});
  EXPECT_THAT(RenderJobReport(kSampleJobId, ledger.entries(), proof).value(), HasSubstr("not yet covered"));
}

TEST(JobReportTest, AJobThatTheLedgerDoesNotKnowIsNotFound) {
  EXPECT_THAT(RenderJobReport("ffffffffffffffffffffffffffffffff", CompletedJob().entries(), {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("ffffffffffffffffffffffffffffffff")));
}

TEST(JobReportTest, AnUnreadableEntryIsDataLossWithItsLeaf) {
  SampleLedger ledger = CompletedJob();
  std::vector<ReportEntry> entries = ledger.entries();
  entries[2].envelope.pop_back();
  EXPECT_THAT(RenderJobReport(kSampleJobId, entries, {}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("leaf 9")));
}

TEST(JobReportTest, AMissingMemberIsDataLossWithItsName) {
  SampleLedger ledger;
  nlohmann::json job = testing::SampleJob();
  job.erase("strategy");
  ledger.Add(ledger::Kind::kJob, job);
  EXPECT_THAT(RenderJobReport(kSampleJobId, ledger.entries(), {}),
              StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr("leaf 7"), HasSubstr("strategy"))));
}

}  // namespace
}  // namespace consort::explain
