// Expected values: a ledger of two jobs, drawn by hand.
//
//   job A: base m0, state s0
//     round 1 from s0: contributions of uk and cn -> s1
//     round 2 from s1: contribution of uk; cn's is rejected -> s2, released as s2
//   job B: base s2 (that release), trainable state t0, another method
//     round 1 from t0: contribution of cn -> t1, released as t1
//   job C: base m0, state s0 again: shares nothing with the others but its start
//     round 1 from s0: contribution of uk -> u1
#include "common/ledger/lineage.h"

#include "common/ledger/merkle_tree.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::kCn;
using ::consort::testing::kUk;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleDigest;
using ::consort::testing::SampleId;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LineageTest : public ::testing::Test {
 protected:
  uint64_t Add(Kind kind, const std::vector<Subject>& subjects, const json& predicate) {
    const auto envelope = SealEntry(kind, subjects, predicate, {&keys_.coordinator_key()});
    EXPECT_THAT(envelope, IsOk());
    const uint64_t index = lineage_.size();
    EXPECT_THAT(lineage_.Take(index, *envelope), IsOk());
    return index;
  }
  uint64_t Job(const std::string& name, const std::string& base, const std::string& state) {
    return Add(Kind::kJob,
               {{"job/" + SampleId(name), SampleDigest(name)}, {"base-model", SampleDigest(base + " file")}},
               {{"job_id", SampleId(name)},
                {"base_digest", SampleDigest(base)},
                {"state_digest", SampleDigest(state)}});
  }
  uint64_t RoundOpen(const std::string& job, int round, const std::string& base) {
    const std::string digest = SampleDigest(base);
    return Add(Kind::kRoundOpen, {{"round", digest}}, Round(job, round, {{"base_digest", digest}}));
  }
  uint64_t Contribution(const std::string& job, int round, const std::string& archive) {
    const std::string digest = SampleDigest(job + archive);
    return Add(Kind::kContribution, {{"update", digest}},
               Round(job, round, {{"archive", archive}, {"update_digest", digest}}));
  }
  uint64_t Decision(uint64_t leaf, const std::string& outcome) {
    return Add(Kind::kDecision, {{"contribution", SampleDigest("leaf")}},
               {{"about", "contribution"}, {"contribution", leaf}, {"outcome", outcome}, {"reason", "ok"}});
  }
  uint64_t Aggregation(const std::string& job, int round, const std::vector<uint64_t>& leaves,
                       const std::string& model) {
    return Add(Kind::kAggregation, {{"model", SampleDigest(model)}},
               Round(job, round,
                     {{"model_digest", SampleDigest(model)},
                      {"model_artifact", SampleDigest(model + " file")},
                      {"contributions", leaves}}));
  }
  uint64_t Release(const std::string& job, const std::string& model) {
    return Add(Kind::kModelRelease, {{"model", SampleDigest(model)}},
               {{"job_id", SampleId(job)}, {"model_artifact", SampleDigest(model + " file")}});
  }

  void AddTwoJobsAndAThird() {
    Job("A", "m0", "s0");               // 0
    RoundOpen("A", 1, "s0");            // 1
    Contribution("A", 1, kUk);          // 2
    Decision(2, "accepted");            // 3
    Contribution("A", 1, kCn);          // 4
    Decision(4, "accepted");            // 5
    Aggregation("A", 1, {2, 4}, "s1");  // 6
    RoundOpen("A", 2, "s1");            // 7
    Contribution("A", 2, kUk);          // 8
    Decision(8, "accepted");            // 9
    Contribution("A", 2, kCn);          // 10
    Decision(10, "rejected");           // 11
    Aggregation("A", 2, {8}, "s2");     // 12
    Release("A", "s2");                 // 13
    Job("B", "s2", "t0");               // 14
    RoundOpen("B", 1, "t0");            // 15
    Contribution("B", 1, kCn);          // 16
    Aggregation("B", 1, {16}, "t1");    // 17
    Release("B", "t1");                 // 18
    Job("C", "m0", "s0");               // 19
    RoundOpen("C", 1, "s0");            // 20
    Contribution("C", 1, kUk);          // 21
    Aggregation("C", 1, {21}, "u1");    // 22
  }
  std::vector<uint64_t> StepsOf(uint64_t leaf) const {
    std::vector<uint64_t> leaves;
    const Reach reach = lineage_.ReachOf(leaf).value();
    for (const LineageStep& step : reach.steps) leaves.push_back(step.leaf);
    return leaves;
  }

  const SampleLedger keys_;
  Lineage lineage_;

 private:
  static json Round(const std::string& job, int round, const json& more) {
    json predicate = {{"job_id", SampleId(job)},
                      {"round_id", SampleId(job + " round " + std::to_string(round))},
                      {"round", round}};
    predicate.update(more);
    return predicate;
  }
};

TEST_F(LineageTest, AContributionIsInEverythingThatCameOfItThroughBothJobs) {
  AddTwoJobsAndAThird();
  EXPECT_THAT(StepsOf(2), ElementsAre(6, 7, 12, 13, 14, 15, 17, 18));
  EXPECT_THAT(StepsOf(4), ElementsAre(6, 7, 12, 13, 14, 15, 17, 18));
  EXPECT_THAT(StepsOf(8), ElementsAre(12, 13, 14, 15, 17, 18));
}

TEST_F(LineageTest, ALaterContributionIsNotInWhatCameBefore) {
  AddTwoJobsAndAThird();
  EXPECT_THAT(StepsOf(16), ElementsAre(17, 18));
  EXPECT_THAT(StepsOf(21), ElementsAre(22));
}

TEST_F(LineageTest, ARejectedContributionIsInNothing) {
  AddTwoJobsAndAThird();
  const auto reach = lineage_.ReachOf(10);
  ASSERT_THAT(reach, IsOk());
  EXPECT_EQ(reach->decision->leaf, 11u);
  EXPECT_EQ(reach->decision->code, "rejected");
  EXPECT_THAT(reach->steps, IsEmpty());
}

TEST_F(LineageTest, ReleasesAndLaterJobsAreToldApart) {
  AddTwoJobsAndAThird();
  const auto reach = lineage_.ReachOf(2);
  ASSERT_THAT(reach, IsOk());
  EXPECT_EQ(reach->archive, kUk);
  ASSERT_EQ(reach->Of(Kind::kModelRelease).size(), 2u);
  EXPECT_EQ(reach->Of(Kind::kModelRelease)[1].digest, SampleDigest("t1"));
  ASSERT_EQ(reach->Of(Kind::kJob).size(), 1u);
  EXPECT_EQ(reach->Of(Kind::kJob)[0].job_id, SampleId("B"));
}

TEST_F(LineageTest, AJobThatStartsFromTheReleasedFileHoldsItToo) {
  AddTwoJobsAndAThird();
  // Its base was saved again with other tensors' names: the digest of tensors differs, the file's is the
  // same.
  const uint64_t job =
      Add(Kind::kJob, {{"job/" + SampleId("D"), SampleDigest("D")}, {"base-model", SampleDigest("s2 file")}},
          {{"job_id", SampleId("D")},
           {"base_digest", SampleDigest("s2 renamed")},
           {"state_digest", SampleDigest("d0")}});
  EXPECT_THAT(StepsOf(2), ::testing::Contains(job));
}

TEST_F(LineageTest, WhatIsNoContributionHasNoReach) {
  AddTwoJobsAndAThird();
  EXPECT_THAT(lineage_.ReachOf(3),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("not a contribution: leaf 3")));
  EXPECT_THAT(lineage_.ReachOf(23), StatusIs(absl::StatusCode::kNotFound, HasSubstr("it has 23")));
}

TEST_F(LineageTest, AnEntryThatCannotBeReadIsNamedAndForgotten) {
  AddTwoJobsAndAThird();
  EXPECT_THAT(lineage_.Take(23, "nonsense"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("entry 23")));
  EXPECT_THAT(lineage_.Take(24, "nonsense"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected 23")));
  const auto lacking = SealEntry(Kind::kAggregation, {{"model", SampleDigest("x")}},
                                 {{"job_id", SampleId("A")}}, {&keys_.coordinator_key()});
  EXPECT_THAT(lineage_.Take(23, *lacking),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("round_id")));
  EXPECT_EQ(lineage_.size(), 23u);
  EXPECT_THAT(StepsOf(21), ElementsAre(22));
}

// The sample ledger: contribution 8, decided at 9, aggregated at 12, released at 15, withdrawn at 22.
TEST(LineageOfTheSampleTest, AWithdrawalMarksWhatItNames) {
  SampleLedger ledger;
  ledger.AddAll();
  AddChanges(ledger, SampleChanges(ledger));
  Lineage lineage;
  for (uint64_t i = 0; i < ledger.size(); ++i) ASSERT_THAT(lineage.Take(i, ledger.entries()[i]), IsOk());
  const auto reach = lineage.ReachOf(8);
  ASSERT_THAT(reach, IsOk());
  EXPECT_EQ(reach->decision->leaf, 9u);
  ASSERT_EQ(reach->steps.size(), 2u);
  EXPECT_EQ(reach->steps[0].leaf, 12u);
  EXPECT_EQ(reach->steps[1].leaf, 15u);
  ASSERT_EQ(reach->marks.size(), 1u);
  EXPECT_EQ(reach->marks[0].leaf, 22u);
  EXPECT_EQ(reach->marks[0].reason, "consent-withdrawn");
  EXPECT_THAT(lineage.ReachOf(10)->marks, IsEmpty());
}

}  // namespace
}  // namespace consort::ledger
