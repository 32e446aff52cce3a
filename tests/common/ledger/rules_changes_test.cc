#include "common/crypto/digest.h"
#include "common/ledger/rules.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::Draft;
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
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

Draft With(Draft draft, const char* member, json value) {
  draft.predicate[member] = std::move(value);
  return draft;
}
Draft SignedBy(Draft draft, const SigningKey& key) {
  draft.signer = &key;
  return draft;
}

class RulesChangesTest : public ::testing::Test {
 protected:
  RulesChangesTest() { ledger_.AddUntilRoundOpen(); }  // leaves 0 to 7
  VerifierKey Mirror(const std::string& archive) const { return ledger_.archive(archive).mirror.verifier(); }
  std::string IdleReason(uint64_t index) const {
    const auto& idle = ledger_.rules().idle_claims();
    return idle.contains(index) ? idle.at(index) : "";
  }

  SampleLedger ledger_;
  SampleChanges changes_{ledger_};
};

TEST(RulesChangesWholeTest, EveryKindStandsInOneLedger) {
  SampleLedger ledger;
  ledger.AddAll();
  const SampleChanges changes(ledger);
  AddChanges(ledger, changes);  // ends the test program if a rule refuses one
  EXPECT_EQ(ledger.size(), 27u);
  EXPECT_THAT(ledger.rules().idle_claims(), IsEmpty());
  const KeyBook& keys = ledger.rules().keys();
  // Leaf 18 names the second log key, leaf 21 revokes the first: 19 is the first size with both, 22 without.
  EXPECT_THAT(keys.LogKeysAt(18), ElementsAre(ledger.log_key().verifier()));
  EXPECT_THAT(keys.LogKeysAt(19), ElementsAre(ledger.log_key().verifier(), changes.new_log().verifier()));
  EXPECT_THAT(keys.LogKeysAt(21), SizeIs(2));
  EXPECT_THAT(keys.LogKeysAt(22), ElementsAre(changes.new_log().verifier()));
  EXPECT_THAT(keys.LogKeysAt(0), ElementsAre(ledger.log_key().verifier()));
  // Enrolled by leaves 1 and 2; archive-cn-1 was revoked by leaf 16.
  const VerifierKey uk = ledger.archive(kUk).mirror.verifier();
  const VerifierKey cn = ledger.archive(kCn).mirror.verifier();
  EXPECT_THAT(keys.WitnessKeysAt(1), IsEmpty());
  EXPECT_THAT(keys.WitnessKeysAt(2), ElementsAre(uk));
  EXPECT_THAT(keys.WitnessKeysAt(16), ElementsAre(uk, cn));
  EXPECT_THAT(keys.WitnessKeysAt(17), ElementsAre(uk));
  EXPECT_THAT(keys.EntryKeys(), SizeIs(6));  // coordinator, two of each archive, the new one
  EXPECT_THAT(ledger.rules().policies(), SizeIs(1));
}

// ---- key-rotate

TEST_F(RulesChangesTest, NodeSeqGoesOnUnderTheNewEntryKeyAndTheOldOneIsWorthNothing) {
  ASSERT_THAT(ledger_.Add(changes_.Rotate(kUk, "entries")), IsOk());
  EXPECT_EQ(IdleReason(8), "");
  EXPECT_THAT(ledger_.Add(ledger_.Contribution(kUk)), StatusIs(kDenied, HasSubstr("is signed by")));
  Draft next = SignedBy(ledger_.Contribution(kUk), changes_.new_key("entries"));
  next.predicate["node_seq"] = 3;  // 1 was the approval, 2 the rotation
  EXPECT_THAT(ledger_.Add(next), IsOk());
}

TEST_F(RulesChangesTest, MirrorsOldKeyCountsForSizesBelowItsRotationOnly) {
  ASSERT_THAT(ledger_.Add(changes_.Rotate(kUk, "mirror")), IsOk());  // leaf 8
  EXPECT_THAT(ledger_.rules().keys().WitnessKeysAt(8), UnorderedElementsAre(Mirror(kUk), Mirror(kCn)));
  EXPECT_THAT(ledger_.rules().keys().WitnessKeysAt(9),
              UnorderedElementsAre(changes_.new_key("mirror").verifier(), Mirror(kCn)));
}

TEST_F(RulesChangesTest, CoordinatorsEntriesAreSignedByItsNewKey) {
  ASSERT_THAT(ledger_.Add(changes_.RotateCoordinator()), IsOk());
  EXPECT_THAT(ledger_.Add(changes_.Incident()), StatusIs(kDenied, HasSubstr("the coordinator's to sign")));
  EXPECT_THAT(ledger_.Add(SignedBy(changes_.Incident(), changes_.new_coordinator())), IsOk());
}

TEST_F(RulesChangesTest, RotationNeedsBothSignaturesOverThisLogAndPurpose) {
  const Draft good = changes_.RotateLog();
  for (const char* proof : {"proof_old", "proof_new"}) {
    const char* other = proof == std::string("proof_old") ? "proof_new" : "proof_old";
    EXPECT_THAT(ledger_.Add(With(good, proof, good.predicate[other])),
                StatusIs(kInvalid, HasSubstr("not signed by the key ledger.demo/music+")));
  }
  const std::string text =
      absl::StrCat("consort.rotate.v1\nledger.demo/other\nlog\n", ledger_.log_key().verifier().KeyId(), "\n",
                   changes_.new_log().verifier().KeyId(), "\n");
  EXPECT_THAT(ledger_.Add(With(good, "proof_old", Base64Encode(ledger_.log_key().Sign(text)))),
              StatusIs(kInvalid, HasSubstr("not signed")));
  EXPECT_THAT(ledger_.Add(good), IsOk());
}

TEST_F(RulesChangesTest, RotationIsOfTheNewestKeyInForce) {
  ASSERT_THAT(ledger_.Add(changes_.RotateLog()), IsOk());
  EXPECT_THAT(ledger_.Add(changes_.RotateLog()), StatusIs(kPrecondition, HasSubstr("not the newest")));
}

TEST_F(RulesChangesTest, KeyThatHadAPartBeforeGetsNoOther) {
  Draft draft = changes_.RotateLog();
  const VerifierKey used = VerifierKey::Create(consort::testing::kOrigin, KeyAlgorithm::kEd25519,
                                               ledger_.coordinator_key().verifier().public_key())
                               .value();
  EXPECT_THAT(ledger_.Add(With(draft, "new_vkey", used.ToString())),
              StatusIs(kPrecondition, HasSubstr("named before")));
}

TEST_F(RulesChangesTest, RotationKeepsNameAlgorithmPurposeAndSubject) {
  const Draft good = changes_.RotateLog();
  EXPECT_THAT(ledger_.Add(With(good, "new_vkey", changes_.new_coordinator().verifier().ToString())),
              StatusIs(kInvalid, HasSubstr("another name")));
  EXPECT_THAT(ledger_.Add(With(good, "purpose", "mirror")), StatusIs(kInvalid, HasSubstr("no key of")));
  EXPECT_THAT(ledger_.Add(With(good, "purpose", "tea")), StatusIs(kInvalid, HasSubstr("purpose")));
  EXPECT_THAT(ledger_.Add(With(good, "name", kUk)), StatusIs(kInvalid, HasSubstr("another member's")));
  Draft subject = good;
  subject.subjects[0].sha256 = SampleDigest("other");
  EXPECT_THAT(ledger_.Add(subject), StatusIs(kInvalid, HasSubstr("subjects")));
}

TEST_F(RulesChangesTest, ArchiveCannotRotateAnothersKey) {
  ASSERT_THAT(ledger_.Add(With(changes_.Rotate(kUk, "entries"), "name", kCn)), IsOk());
  EXPECT_THAT(IdleReason(8), HasSubstr("another member's key"));
}

// ---- key-revoke of one key

TEST_F(RulesChangesTest, OldLogKeyIsRevokedOnceThereIsANewOne) {
  const VerifierKey old = ledger_.log_key().verifier();
  EXPECT_THAT(ledger_.Add(changes_.RevokeKey("coordinator", "log", old)),
              StatusIs(kPrecondition, HasSubstr("rotated before it is revoked")));
  ASSERT_THAT(ledger_.Add(changes_.RotateLog()), IsOk());
  ASSERT_THAT(ledger_.Add(changes_.RevokeKey("coordinator", "log", old)), IsOk());
  EXPECT_THAT(ledger_.Add(changes_.RevokeKey("coordinator", "log", old)),
              StatusIs(kPrecondition, HasSubstr("does not know so")));
}

TEST_F(RulesChangesTest, ArchivesMirrorKeyMayGoAloneButNotItsEntryKey) {
  ASSERT_THAT(ledger_.Add(changes_.RevokeKey(kUk, "mirror", Mirror(kUk))), IsOk());  // leaf 8
  EXPECT_THAT(ledger_.rules().keys().WitnessKeysAt(9), ElementsAre(Mirror(kCn)));
  EXPECT_THAT(ledger_.Add(changes_.RevokeKey(kUk, "entries", ledger_.archive(kUk).entries.verifier())),
              StatusIs(kPrecondition, HasSubstr("membership")));
  EXPECT_THAT(ledger_.Add(changes_.RevokeKey(kCn, "mirror", Mirror(kUk))),
              StatusIs(kPrecondition, HasSubstr("does not know so")));
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
}

// ---- policy-change

TEST_F(RulesChangesTest, PolicyMustBeSafeAndOfKeysInForce) {
  const VerifierKey log = ledger_.log_key().verifier();
  const Draft good = changes_.PolicyChange({Mirror(kUk), Mirror(kCn)}, log);
  EXPECT_THAT(ledger_.Add(With(good, "faulty", 2)), StatusIs(kInvalid, HasSubstr("two histories")));
  EXPECT_THAT(ledger_.Add(With(good, "basis", "whim")), StatusIs(kInvalid, HasSubstr("basis")));
  EXPECT_THAT(ledger_.Add(With(good, "policy", "quorum none\n")), StatusIs(kInvalid, HasSubstr("subjects")));
  EXPECT_THAT(ledger_.Add(changes_.PolicyChange({}, log)), StatusIs(kInvalid, HasSubstr("two histories")));
  EXPECT_THAT(ledger_.Add(changes_.PolicyChange({Mirror(kUk)}, changes_.new_log().verifier())),
              StatusIs(kPrecondition, HasSubstr("log key that is not in force")));
  EXPECT_THAT(ledger_.Add(changes_.PolicyChange({changes_.new_key("mirror").verifier()}, log)),
              StatusIs(kPrecondition, HasSubstr("archive's key that is not in force")));
  const SigningKey outside = SigningKey::Generate("library.example/witness", KeyAlgorithm::kCosignatureV1);
  EXPECT_THAT(ledger_.Add(changes_.PolicyChange({Mirror(kUk), outside.verifier()}, log)), IsOk());
  EXPECT_THAT(ledger_.rules().policies(), SizeIs(1));
}

// ---- withdrawal

TEST_F(RulesChangesTest, WithdrawnContributionIsNotAggregated) {
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Decision(kUk, 8)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kCn)), IsOk());
  ASSERT_THAT(ledger_.Add(ledger_.Decision(kCn, 10)), IsOk());
  ASSERT_THAT(ledger_.Add(changes_.Withdrawal(kUk, 8)), IsOk());
  EXPECT_THAT(ledger_.Add(ledger_.Aggregation({8, 10})),
              StatusIs(kPrecondition, HasSubstr("after its withdrawal: leaf 8")));
}

TEST_F(RulesChangesTest, WithdrawalIsTheApprovalKeysAndOfItsOwnArchive) {
  ASSERT_THAT(ledger_.Add(ledger_.Contribution(kUk)), IsOk());
  const Draft good = changes_.Withdrawal(kUk, 8);
  EXPECT_THAT(ledger_.Add(SignedBy(good, ledger_.archive(kUk).entries)),
              StatusIs(kDenied, HasSubstr("approval key's to sign")));
  EXPECT_THAT(ledger_.Add(SignedBy(good, ledger_.coordinator_key())),
              StatusIs(kDenied, HasSubstr("approval key's to sign")));
  EXPECT_THAT(ledger_.Add(changes_.Withdrawal(kCn, 8)),
              StatusIs(kPrecondition, HasSubstr("no contribution of its archive")));
  EXPECT_THAT(ledger_.Add(With(good, "reason", "rain")), StatusIs(kInvalid, HasSubstr("reason")));
  EXPECT_THAT(ledger_.Add(With(good, "effect", "none")), StatusIs(kInvalid, HasSubstr("effect")));
  Draft head = good;
  head.predicate["prev_head"]["root"] = SampleDigest("other history");
  EXPECT_THAT(ledger_.Add(head), StatusIs(kInvalid, HasSubstr("another history")));
  EXPECT_THAT(ledger_.Add(good), IsOk());
  EXPECT_THAT(ledger_.Add(With(good, "withdrawal_id", SampleId("other"))),
              StatusIs(kPrecondition, HasSubstr("withdrawn before")));
}

// ---- erasure

TEST_F(RulesChangesTest, ErasureNamesTheLeafThatHoldsTheCommitmentOnce) {
  EXPECT_THAT(ledger_.Add(changes_.Erasure(8)), StatusIs(kPrecondition, HasSubstr("holds no such")));
  ASSERT_THAT(ledger_.Add(changes_.Incident()), IsOk());  // leaf 9
  EXPECT_THAT(ledger_.Add(changes_.Erasure(8)), StatusIs(kPrecondition, HasSubstr("holds no such")));
  EXPECT_THAT(ledger_.Add(With(changes_.Erasure(9), "ground", "mood")),
              StatusIs(kInvalid, HasSubstr("ground")));
  EXPECT_THAT(ledger_.Add(With(changes_.Erasure(9), "erased", "all")),
              StatusIs(kInvalid, HasSubstr("erased")));
  ASSERT_THAT(ledger_.Add(changes_.Erasure(9)), IsOk());
  EXPECT_THAT(ledger_.Add(With(changes_.Erasure(9), "erasure_id", SampleId("other"))),
              StatusIs(kPrecondition, HasSubstr("erased before")));
}

TEST_F(RulesChangesTest, NothingNewRestsOnWhatWasErased) {
  ASSERT_THAT(ledger_.Add(changes_.Incident()), IsOk());  // leaf 8
  ASSERT_THAT(ledger_.Add(changes_.Erasure(8)), IsOk());
  EXPECT_THAT(ledger_.Add(changes_.Incident()), StatusIs(kPrecondition, HasSubstr("after its erasure")));
}

TEST_F(RulesChangesTest, CommitmentIsErasedByWhomItBelongsTo) {
  Draft contribution = ledger_.Contribution(kUk);
  contribution.predicate["commitments"] = {{"recording", SampleChanges::Commitment()}};
  ASSERT_THAT(ledger_.Add(contribution), IsOk());  // leaf 8
  EXPECT_THAT(ledger_.Add(changes_.Erasure(8)), StatusIs(kDenied, HasSubstr("archive-uk-1's to erase")));
  Draft own = changes_.Erasure(8);
  own.predicate["archive"] = kUk;
  own.predicate["prev_head"] = ledger_.CommonOf(kUk)["prev_head"];
  EXPECT_THAT(ledger_.Add(own), StatusIs(kDenied, HasSubstr("approval key's to sign")));
  EXPECT_THAT(ledger_.Add(SignedBy(own, ledger_.archive(kUk).approval)), IsOk());
}

TEST_F(RulesChangesTest, CommitmentsAreDigests) {
  EXPECT_THAT(ledger_.Add(With(changes_.Incident(), "commitments", json::array())),
              StatusIs(kInvalid, HasSubstr("object of digests")));
  EXPECT_THAT(ledger_.Add(With(changes_.Incident(), "commitments", {{"report", "abc"}})),
              StatusIs(kInvalid, HasSubstr("64 lower-case")));
  EXPECT_THAT(ledger_.Add(With(changes_.Incident(), "commitments", {{"report", 7}})),
              StatusIs(kInvalid, HasSubstr("no digest: report")));
}

// ---- incident

TEST_F(RulesChangesTest, IncidentIsResolvedOnceAndNamesAnEnrolledArchive) {
  EXPECT_THAT(ledger_.Add(changes_.Resolution(3)), StatusIs(kPrecondition, HasSubstr("none that is open")));
  ASSERT_THAT(ledger_.Add(changes_.Incident()), IsOk());  // leaf 9
  ASSERT_THAT(ledger_.Add(changes_.Resolution(9)), IsOk());
  EXPECT_THAT(ledger_.Add(changes_.Resolution(9)), StatusIs(kPrecondition, HasSubstr("none that is open")));
  EXPECT_THAT(ledger_.Add(With(changes_.Incident(), "archive", "archive-xx")),
              StatusIs(kPrecondition, HasSubstr("not enrolled")));
  EXPECT_THAT(ledger_.Add(With(changes_.Incident(), "archive", "")), IsOk());
  EXPECT_THAT(ledger_.Add(With(changes_.Incident(), "kind", "rain")), StatusIs(kInvalid, HasSubstr("kind")));
  EXPECT_THAT(ledger_.Add(With(changes_.Resolution(9), "resolved_index", "9")),
              StatusIs(kInvalid, HasSubstr("leaf index")));
}

}  // namespace
}  // namespace consort::ledger
