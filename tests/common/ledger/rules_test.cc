#include "common/ledger/rules.h"

#include "common/crypto/digest.h"
#include "tests/common/ledger/sample_ledger.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::Draft;
using ::consort::testing::IsOk;
using ::consort::testing::kCn;
using ::consort::testing::kUk;
using ::consort::testing::SampleDigest;
using ::consort::testing::SampleId;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::nlohmann::json;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

// Sets one member of a draft.
Draft With(Draft draft, const char* member, json value) {
  draft.predicate[member] = std::move(value);
  return draft;
}

class RulesTest : public ::testing::Test {
 protected:
  // Adds contributions and decisions of both archives: leaves 8 to 11.
  void AddContributions() {
    ledger_.AddUntilRoundOpen();
    ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
    ASSERT_THAT(ledger_.Add(ledger_.Decision(kUk, 8)), IsOk());
    ASSERT_THAT(ledger_.Add(ledger_.Contribution(kCn)), IsOk());
    ASSERT_THAT(ledger_.Add(ledger_.Decision(kCn, 10)), IsOk());
  }

  Draft JobEnded() const {
    Draft draft = With(With(ledger_.Job(), "about", "job"), "outcome", "failed");
    draft.kind = Kind::kDecision;
    draft.subjects.pop_back();
    draft.predicate["reason"] = "quorum-not-reached";
    draft.predicate["checked"] = "by coordinator";
    return draft;
  }
  Draft RoundEnded() const {
    Draft draft = With(With(JobEnded(), "about", "round"), "outcome", "abandoned");
    draft.subjects = {{"round/" + SampleId("round 1"), SampleDigest("state 0")}};
    draft.predicate["round_id"] = SampleId("round 1");
    draft.predicate["round"] = 1;
    return draft;
  }
  // Why the claim at `index` has no effect; empty if it has.
  std::string IdleReason(uint64_t index) const {
    const auto& idle = ledger_.rules().idle_claims();
    return idle.contains(index) ? idle.at(index) : "";
  }

  SampleLedger ledger_;
};

TEST_F(RulesTest, WholeLedgerIsAllowed) {
  ledger_.AddAll();  // ends the test program otherwise
  EXPECT_EQ(ledger_.size(), 17u);
}

// ---- keys

TEST_F(RulesTest, FirstEntryMustEnrolTheCoordinator) {
  EXPECT_THAT(ledger_.Add(ledger_.EnrolArchive(kUk)), StatusIs(kInvalid, HasSubstr("log_vkey")));
  SampleLedger other;
  EXPECT_THAT(other.Add(other.Job()), StatusIs(kPrecondition, HasSubstr("first entry")));
}

TEST_F(RulesTest, CoordinatorsEnrolmentMustBeSignedByTheKeyThatItNames) {
  Draft draft = ledger_.EnrolCoordinator();
  draft.signer = &ledger_.archive(kUk).entries;
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kInvalid, HasSubstr("signed by it")));
}

TEST_F(RulesTest, LogKeyMustBearTheOriginsName) {
  const SigningKey other = SigningKey::Generate("ledger.demo/other");
  EXPECT_THAT(ledger_.Add(With(ledger_.EnrolCoordinator(), "log_vkey", other.verifier().ToString())),
              StatusIs(kInvalid, HasSubstr("ledger.demo/music")));
}

TEST_F(RulesTest, ArchiveMustProveThatItHasItsKeys) {
  ASSERT_THAT(ledger_.Add(ledger_.EnrolCoordinator()), IsOk());
  for (const char* purpose : {"entries", "mirror", "approval"}) {
    Draft draft = ledger_.EnrolArchive(kUk);
    draft.predicate["possession"][purpose] = ledger_.EnrolArchive(kCn).predicate["possession"][purpose];
    EXPECT_THAT(ledger_.Add(draft), StatusIs(kInvalid, HasSubstr(purpose)));
  }
}

TEST_F(RulesTest, EnrolledKeysMustBearTheArchivesName) {
  ASSERT_THAT(ledger_.Add(ledger_.EnrolCoordinator()), IsOk());
  Draft draft = ledger_.EnrolArchive(kUk);
  draft.predicate["entries_vkey"] = ledger_.EnrolArchive(kCn).predicate["entries_vkey"];
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kInvalid, HasSubstr("another name")));
}

TEST_F(RulesTest, EnrolledArchiveCannotBeEnrolledAgainWhileItsKeyIsInForce) {
  ledger_.AddUntilRoundOpen();
  Draft draft = With(ledger_.EnrolArchive(kUk), "later", 1);
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kPrecondition, HasSubstr("enrolled")));
}

TEST_F(RulesTest, KeyIsWorthNothingAfterItsRevocation) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(ledger_.Revoke(kUk)), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Contribution(kUk)), StatusIs(kDenied, HasSubstr("after its key-revoke")));
  EXPECT_THAT(ledger_.Add(ledger_.Revoke(kUk)), StatusIs(kPrecondition, HasSubstr("not in force")));
}

TEST_F(RulesTest, EntryBeforeItsArchiveIsEnrolledIsRefused) {
  ASSERT_THAT(ledger_.Add(ledger_.EnrolCoordinator()), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Approval(kUk)), StatusIs(kPrecondition, HasSubstr("not enrolled")));
}

// ---- who says what, and where

TEST_F(RulesTest, ArchivesEntryMustBeSignedByItsOwnKey) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.Contribution(kUk);
  draft.signer = &ledger_.archive(kCn).entries;
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kDenied, HasSubstr("archive-uk-1 but is signed by archive-cn-1")));
  draft = ledger_.Contribution(kCn);
  draft.signer = &ledger_.coordinator_key();
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kDenied, HasSubstr("coordinator.demo/entries")));
}

TEST_F(RulesTest, CoordinatorsEntriesAreNotAnArchivesToSign) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
  Draft draft = ledger_.Decision(kUk, 8);
  draft.signer = &ledger_.archive(kUk).entries;
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kDenied, HasSubstr("coordinator's to sign")));
}

TEST_F(RulesTest, EntryOfAnotherLogOrProjectIsRefused) {
  ledger_.AddUntilRoundOpen();
  EXPECT_THAT(ledger_.Add(With(ledger_.Contribution(kUk), "origin", "ledger.other/music")),
              StatusIs(kInvalid, HasSubstr("another log")));
  EXPECT_THAT(ledger_.Add(With(ledger_.Contribution(kUk), "project", "speech")),
              StatusIs(kInvalid, HasSubstr("another project")));
}

TEST_F(RulesTest, MissingOrMistypedMembersAreNamed) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.RoundOpen();
  draft.predicate.erase("state_artifact");
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kInvalid, HasSubstr("state_artifact")));
  EXPECT_THAT(ledger_.Add(With(ledger_.RoundOpen(), "quorum", "2")), StatusIs(kInvalid, HasSubstr("quorum")));
  EXPECT_THAT(ledger_.Add(With(ledger_.RoundOpen(), "cohort", {{{"archive", kUk}}})),
              StatusIs(kInvalid, HasSubstr("cohort[].weight")));
  EXPECT_THAT(ledger_.Add(With(ledger_.Contribution(kCn), "prev_head", {{"size", 0}})),
              StatusIs(kInvalid, HasSubstr("prev_head.root")));
  for (const char* number : {"", ".", "1.", "1e", "0x1", "1 ", "inf", "-"}) {
    EXPECT_THAT(ledger_.Add(With(ledger_.Job(), "clip_norm", number)),
                StatusIs(kInvalid, HasSubstr("clip_norm")))
        << number;
  }
}

TEST_F(RulesTest, ReceiptNeverBecomesALeaf) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.Job();
  draft.kind = Kind::kReceipt;
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kInvalid, HasSubstr("receipt")));
}

// ---- an archive's own series

TEST_F(RulesTest, ReplayedNodeSeqIsRefused) {
  ledger_.AddUntilRoundOpen();
  EXPECT_THAT(ledger_.Add(With(ledger_.Contribution(kUk), "node_seq", 1)),
              StatusIs(kPrecondition, HasSubstr("used before")));
}

TEST_F(RulesTest, GapInNodeSeqIsRefused) {
  ledger_.AddUntilRoundOpen();
  EXPECT_THAT(ledger_.Add(With(ledger_.Contribution(kUk), "node_seq", 3)),
              StatusIs(kPrecondition, HasSubstr("gap")));
}

TEST_F(RulesTest, PrevHeadMustBeOfThisHistory) {
  ledger_.AddUntilRoundOpen();
  json head = ledger_.Contribution(kUk).predicate["prev_head"];
  head["root"] = SampleDigest("another history");
  EXPECT_THAT(ledger_.Add(With(ledger_.Contribution(kUk), "prev_head", head)),
              StatusIs(kInvalid, HasSubstr("another history")));
  head["size"] = 100;
  EXPECT_THAT(ledger_.Add(With(ledger_.Contribution(kCn), "prev_head", head)),
              StatusIs(kPrecondition, HasSubstr("after this one")));
}

TEST_F(RulesTest, PrevHeadNeverGoesBack) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Decision(kUk, 8)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kCn)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Decision(kCn, 10)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Aggregation({8, 10})), IsOk());
  EXPECT_THAT(
      ledger_.Add(With(ledger_.Evaluation(kUk), "prev_head", {{"size", 0}, {"root", HexOf(EmptyRoot())}})),
      StatusIs(kPrecondition, HasSubstr("goes back")));
}

// ---- jobs

TEST_F(RulesTest, JobIsStatedOnceAndItsSubjectIsItsDigest) {
  ledger_.AddUntilRoundOpen();
  EXPECT_THAT(ledger_.Add(With(ledger_.Job(), "later", 1)),
              StatusIs(kPrecondition, HasSubstr("stated before")));
  Draft draft = With(ledger_.Job(), "job_id", SampleId("job 2"));
  draft.subjects[0] = {"job/" + SampleId("job 2"), SampleDigest("another file")};
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kInvalid, HasSubstr("subjects")));
}

TEST_F(RulesTest, ApprovalThatDoesNotNameTheJobAndItsDigestHasNoEffect) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(With(ledger_.Approval(kUk), "job_id", SampleId("no job"))), IsOk());
  EXPECT_THAT(IdleReason(8), HasSubstr("job that no earlier entry states"));
  ASSERT_THAT(ledger_.Add(With(ledger_.Approval(kCn), "job_digest", SampleDigest("no job"))), IsOk());
  EXPECT_THAT(IdleReason(9), HasSubstr("another job file"));
}

TEST_F(RulesTest, RosterNeedsTheApprovalsItPointsTo) {
  ASSERT_THAT(ledger_.Add(ledger_.EnrolCoordinator()), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.EnrolArchive(kUk)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.EnrolArchive(kCn)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Job()), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Approval(kUk)), IsOk());
  ASSERT_THAT(ledger_.Add(With(ledger_.Approval(kCn), "decision", "refuse")), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Roster()), StatusIs(kPrecondition, HasSubstr("archive-cn-1")));
  Draft draft = ledger_.Roster();
  draft.predicate["archives"].erase(1);
  draft.predicate["archives"][0]["approval"] = 5;
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kPrecondition, HasSubstr("archive-uk-1")));
  draft.predicate["archives"][0]["approval"] = 4;
  draft.predicate["archives"][0]["key"] = ledger_.archive(kCn).entries.verifier().KeyId();
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kInvalid, HasSubstr("another key")));
}

// ---- rounds

TEST_F(RulesTest, RoundOpensWithTheRosterAndTheJobsManifest) {
  ledger_.AddUntilRoundOpen();
  const auto second = [this] {
    Draft draft = With(With(ledger_.RoundOpen(), "round_id", SampleId("round 2")), "round", 2);
    draft.subjects[0].name = "round/" + SampleId("round 2");
    return draft;
  };
  EXPECT_THAT(ledger_.Add(With(ledger_.RoundOpen(), "later", 1)),
              StatusIs(kPrecondition, HasSubstr("opened before")));
  EXPECT_THAT(ledger_.Add(With(second(), "manifest_digest", SampleDigest("other"))),
              StatusIs(kInvalid, HasSubstr("manifest")));
  EXPECT_THAT(ledger_.Add(With(second(), "cohort", {{{"archive", "archive-fr-1"}, {"weight", 1}}})),
              StatusIs(kPrecondition, HasSubstr("archive-fr-1")));
  EXPECT_THAT(ledger_.Add(second()), IsOk());
}

TEST_F(RulesTest, ContributionMustNameARoundThatWasOpenedOrBeRejected) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(With(ledger_.Contribution(kUk), "round_id", SampleId("no round"))), IsOk());
  EXPECT_THAT(IdleReason(8), HasSubstr("no earlier round-open"));
  EXPECT_THAT(ledger_.rules().UndecidedIdleContributions(), ElementsAre(8));
  EXPECT_THAT(ledger_.Add(ledger_.Decision(kUk, 8)),
              StatusIs(kPrecondition, HasSubstr("was accepted: leaf 8")));
  ASSERT_THAT(ledger_.Add(With(ledger_.Decision(kUk, 8), "outcome", "rejected")), IsOk());
  EXPECT_THAT(ledger_.rules().UndecidedIdleContributions(), IsEmpty());
}

TEST_F(RulesTest, NonsenseOfOneArchiveSpoilsNothing) {
  ledger_.AddUntilRoundOpen();
  Draft draft = With(ledger_.Contribution(kUk), "weight", "heavy");
  draft.predicate.erase("update_digest");
  ASSERT_THAT(ledger_.Add(draft), IsOk());
  EXPECT_THAT(IdleReason(8), HasSubstr("update_digest"));
  ASSERT_THAT(ledger_.Add(With(With(ledger_.Decision(kUk, 8), "outcome", "rejected"), "reason", "bad-entry")),
              IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kCn)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Decision(kCn, 10)), IsOk());
  draft = With(ledger_.Aggregation({10}), "weight_total", 365);
  draft.predicate["absent"] = {{{"archive", kUk}, {"state", "refused"}, {"reason", "bad-entry"}}};
  EXPECT_THAT(ledger_.Add(draft), IsOk());
}

TEST_F(RulesTest, ContributionOfAnotherRoundNumberOrJobFitsNothing) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(With(ledger_.Contribution(kCn), "round", 2)), IsOk());
  EXPECT_THAT(IdleReason(8), HasSubstr("another job or number"));
}

TEST_F(RulesTest, OneContributionAnArchiveAndRoundCounts) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
  EXPECT_THAT(IdleReason(9), HasSubstr("contributed to this round before"));
  EXPECT_THAT(ledger_.Add(ledger_.Decision(kUk, 9)), StatusIs(kPrecondition, HasSubstr("leaf 9")));
  EXPECT_THAT(ledger_.Add(ledger_.Decision(kUk, 8)), IsOk());
}

TEST_F(RulesTest, DecisionMustNameAContributionThatIsThere) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
  EXPECT_THAT(ledger_.Add(With(ledger_.Decision(kUk, 8), "contribution", 7)),
              StatusIs(kPrecondition, HasSubstr("leaf 7")));
  EXPECT_THAT(ledger_.Add(With(ledger_.Decision(kUk, 8), "archive", kCn)),
              StatusIs(kPrecondition, HasSubstr("leaf 8")));
  Draft draft = ledger_.Decision(kUk, 8);
  draft.predicate["leaf_hash"] = draft.subjects[0].sha256 = SampleDigest("other leaf");
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kPrecondition, HasSubstr("leaf 8")));
  ASSERT_THAT(ledger_.Add(ledger_.Decision(kUk, 8)), IsOk());
  EXPECT_THAT(ledger_.Add(With(ledger_.Decision(kUk, 8), "outcome", "rejected")),
              StatusIs(kPrecondition, HasSubstr("decided before")));
}

TEST_F(RulesTest, ContributionThatDoesNotFitTheRoundMayBeRejectedButNotAccepted) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(With(ledger_.Contribution(kUk), "base_digest", SampleDigest("old state"))), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Decision(kUk, 8)), StatusIs(kInvalid, HasSubstr("another base")));
  EXPECT_THAT(
      ledger_.Add(With(With(ledger_.Decision(kUk, 8), "outcome", "rejected"), "reason", "wrong-base")),
      IsOk());
  ASSERT_THAT(ledger_.Add(With(ledger_.Contribution(kCn), "weight", 3000)), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Decision(kCn, 11)), StatusIs(kInvalid, HasSubstr("larger weight")));
}

TEST_F(RulesTest, RoundsAndJobsEndByNamedOutcomes) {
  ledger_.AddUntilRoundOpen();
  EXPECT_THAT(ledger_.Add(With(RoundEnded(), "outcome", "failed")), StatusIs(kInvalid, _));
  EXPECT_THAT(ledger_.Add(RoundEnded()), IsOk());
  EXPECT_THAT(ledger_.Add(RoundEnded()), StatusIs(kPrecondition, _));
  EXPECT_THAT(ledger_.Add(With(JobEnded(), "outcome", "lost")), StatusIs(kInvalid, _));
  EXPECT_THAT(ledger_.Add(With(JobEnded(), "about", "weather")), StatusIs(kInvalid, _));
  EXPECT_THAT(ledger_.Add(JobEnded()), IsOk());
  EXPECT_THAT(ledger_.Add(JobEnded()), StatusIs(kPrecondition, _));
}

TEST_F(RulesTest, NothingMoreIsBuiltOnAJobThatEnded) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(JobEnded()), IsOk());
  Draft draft = With(ledger_.RoundOpen(), "round_id", SampleId("round 2"));
  draft.subjects[0].name = "round/" + SampleId("round 2");
  EXPECT_THAT(ledger_.Add(draft), StatusIs(kPrecondition, HasSubstr("ended")));
  EXPECT_THAT(ledger_.Add(ledger_.Roster()), StatusIs(kPrecondition, HasSubstr("ended")));
  EXPECT_THAT(ledger_.Add(ledger_.ModelRelease()), StatusIs(kPrecondition, HasSubstr("ended")));
}

TEST_F(RulesTest, JobMayEndBeforeItsEntryWasWritten) {
  ASSERT_THAT(ledger_.Add(ledger_.EnrolCoordinator()), IsOk());
  EXPECT_THAT(ledger_.Add(JobEnded()), IsOk());
  EXPECT_THAT(ledger_.Add(RoundEnded()), IsOk());
}

TEST_F(RulesTest, AbandonedRoundIsNotAggregated) {
  AddContributions();
  ASSERT_THAT(ledger_.Add(RoundEnded()), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Aggregation({8, 10})), StatusIs(kPrecondition, HasSubstr("abandoned")));
}

TEST_F(RulesTest, AggregationUsesTheAcceptedContributionsOfItsRoundAndExcusesTheRest) {
  AddContributions();
  EXPECT_THAT(ledger_.Add(ledger_.Aggregation({8, 9})), StatusIs(kPrecondition, HasSubstr("leaf 9")));
  EXPECT_THAT(ledger_.Add(ledger_.Aggregation({8, 8})), StatusIs(kPrecondition, HasSubstr("leaf 8")));
  EXPECT_THAT(ledger_.Add(ledger_.Aggregation({8})), StatusIs(kInvalid, HasSubstr("weight")));
  EXPECT_THAT(ledger_.Add(With(ledger_.Aggregation({8}), "weight_total", 420)),
              StatusIs(kInvalid, HasSubstr("archive-cn-1")));
  EXPECT_THAT(ledger_.Add(ledger_.Aggregation({})), StatusIs(kInvalid, HasSubstr("no contribution")));
  Draft draft = With(ledger_.Aggregation({8}), "weight_total", 420);
  draft.predicate["absent"] = {{{"archive", kCn}, {"state", "withdrawn"}, {"reason", "withdrawn"}}};
  ASSERT_THAT(ledger_.Add(draft), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Aggregation({8, 10})),
              StatusIs(kPrecondition, HasSubstr("aggregated before")));
}

TEST_F(RulesTest, EvaluationAndReleaseAreOfTheAggregatedModel) {
  AddContributions();
  ASSERT_THAT(ledger_.Add(ledger_.Evaluation(kUk)), IsOk());
  EXPECT_THAT(IdleReason(12), HasSubstr("did not make"));
  EXPECT_THAT(ledger_.Add(ledger_.ModelRelease()),
              StatusIs(kPrecondition, HasSubstr("aggregation of its job")));
}

TEST_F(RulesTest, ContributionAfterTheAggregationIsNotAccepted) {
  ledger_.AddUntilRoundOpen();
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Decision(kUk, 8)), IsOk());
  Draft draft = With(ledger_.Aggregation({8}), "weight_total", 420);
  draft.predicate["absent"] = {{{"archive", kCn}, {"state", "late"}, {"reason", "late"}}};
  ASSERT_THAT(ledger_.Add(draft), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kCn)), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Decision(kCn, 11)),
              StatusIs(kPrecondition, HasSubstr("after its round's aggregation")));
  EXPECT_THAT(ledger_.Add(With(ledger_.Decision(kCn, 11), "outcome", "rejected")), IsOk());
}

}  // namespace
}  // namespace consort::ledger
