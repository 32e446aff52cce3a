#include "common/explain/contribution_reach.h"

#include "gmock/gmock.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"

namespace consort::explain {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleId;
using ::consort::testing::SampleLedger;
using ::testing::HasSubstr;
using ::testing::Not;

// The sample ledger: contribution 8, accepted at 9, aggregated at 12, released at 15, withdrawn at 22.
class ContributionReachTest : public ::testing::Test {
 protected:
  ContributionReachTest() {
    SampleLedger ledger;
    ledger.AddAll();
    AddChanges(ledger, SampleChanges(ledger));
    ledger::Lineage lineage;
    for (uint64_t i = 0; i < ledger.size(); ++i) EXPECT_THAT(lineage.Take(i, ledger.entries()[i]), IsOk());
    reach_ = lineage.ReachOf(8).value();
    other_ = lineage.ReachOf(10).value();
  }
  ledger::Reach reach_;
  ledger::Reach other_;
};

TEST_F(ContributionReachTest, LinesNameEachEntryInOrder) {
  std::vector<uint64_t> leaves;
  for (const ReachLine& line : ReachLines(reach_, Language::kEnglish)) leaves.push_back(line.leaf);
  EXPECT_THAT(leaves, ::testing::ElementsAre(8, 9, 12, 15, 22));
}

TEST_F(ContributionReachTest, BothLanguagesSayWhatHappened) {
  const auto english = ReachLines(reach_, Language::kEnglish);
  EXPECT_EQ(english[0].text, "contribution of archive-uk-1 to round 1 of job " + SampleId("job"));
  EXPECT_EQ(english[1].text, "decision: accepted (ok)");
  EXPECT_EQ(english[4].text, "withdrawn by its archive: consent was withdrawn; no further use");
  const auto chinese = ReachLines(reach_, Language::kChinese);
  EXPECT_EQ(chinese[4].text, "该馆已撤回：同意已撤回；今后不再使用");
}

TEST_F(ContributionReachTest, TheSummaryCountsAndSaysThatItWasWithdrawn) {
  EXPECT_THAT(ReachSummary(reach_, Language::kEnglish),
              HasSubstr("withdrawn; before that it went into 1 states, 1 released"));
  EXPECT_THAT(ReachSummary(other_, Language::kEnglish), Not(HasSubstr("withdrawn")));
}

}  // namespace
}  // namespace consort::explain
