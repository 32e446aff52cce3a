#include "common/ledger/follower.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/envelope.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::Draft;
using ::consort::testing::IsOk;
using ::consort::testing::kCn;
using ::consort::testing::kOrigin;
using ::consort::testing::kUk;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleId;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum Follower::Signatures;

// Signs whatever stands there, in an envelope's spelling.
std::string SealPayload(const std::string& payload, const SigningKey& key) {
  return SpellEnvelope({payload, {{key.verifier().KeyId(), key.Sign(PreAuthenticationEncoding(payload))}}});
}

std::string PayloadOf(const std::string& envelope) { return ParseEnvelope(envelope)->payload; }

class FollowerTest : public ::testing::Test {
 protected:
  Follower::Trust Pinned() const {
    return {kOrigin, {ledger_.log_key().verifier()}, {ledger_.coordinator_key().verifier()}};
  }
  void TakeAll(Follower& follower, Follower::Signatures signatures = kCheck) {
    for (uint64_t i = follower.size(); i < ledger_.size(); ++i)
      ASSERT_THAT(follower.Take(ledger_.entries()[i], signatures), IsOk());
  }
  std::string Sealed(const Draft& draft) {
    return SealEntry(draft.kind, draft.subjects, draft.predicate, {draft.signer}).value();
  }
  // What a follower of the whole ledger says of one more entry; it must not change for it.
  absl::Status Refusal(const std::string& envelope, Follower::Signatures signatures = kCheck,
                       IdleClaims idle_claims = IdleClaims::kAllow) {
    Follower follower(Pinned(), idle_claims);
    TakeAll(follower);
    Follower twin(Pinned());
    TakeAll(twin);
    const absl::Status status = follower.Take(envelope, signatures);
    EXPECT_EQ(follower.size(), ledger_.size());
    EXPECT_TRUE(follower.rules().SameState(twin.rules()));
    return status;
  }

  SampleLedger ledger_;
};

TEST_F(FollowerTest, TakesAGoodLedgerAndHasItsRootsKeysAndHashes) {
  ledger_.AddAll();
  const SampleChanges changes(ledger_);
  AddChanges(ledger_, changes);
  Follower follower(Pinned());
  TakeAll(follower);
  EXPECT_THAT(follower.CheckPinned(), IsOk());
  EXPECT_EQ(follower.size(), 27u);
  for (const std::string& note : ledger_.checkpoints()) {
    const Checkpoint checkpoint = ReadCheckpoint(note).value();
    EXPECT_EQ(follower.RootAt(checkpoint.size).value(), checkpoint.root);
  }
  EXPECT_THAT(follower.RootAt(28).status(), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("27 leaves")));
  EXPECT_EQ(follower.LeafHashAt(17), LeafHash(ledger_.entries()[17]));
  EXPECT_TRUE(follower.rules().SameState(ledger_.rules()));
  EXPECT_THAT(follower.keys().LogKeysAt(22), SizeIs(1));
}

TEST_F(FollowerTest, EntryInAnyOtherSpellingIsRefused) {
  ledger_.AddUntilRoundOpen();
  const std::string good = Sealed(ledger_.Contribution(kUk));
  EXPECT_THAT(Refusal(good + "\n"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("entry 8: ")));
  EXPECT_THAT(Refusal(std::string(kMaxEntryBytes + 1, '{')),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("entry 8: ")));
}

TEST_F(FollowerTest, SignatureThatIsBadOrOfAStrangerIsRefused) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.Contribution(kUk);
  const std::string good = Sealed(draft);
  const size_t sig = good.find("\"sig\":\"") + 10;
  std::string bad = good;
  bad[sig] = bad[sig] == 'A' ? 'B' : 'A';
  EXPECT_THAT(Refusal(bad),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("entry 8: ledger entry has a bad sig")));
  const SigningKey stranger = SigningKey::Generate("archive-uk-1.demo/entries");
  draft.signer = &stranger;
  EXPECT_THAT(Refusal(Sealed(draft)), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("not known")));
}

TEST_F(FollowerTest, RepeatedEntryIsRefused) {
  ledger_.AddUntilRoundOpen();
  EXPECT_THAT(Refusal(ledger_.entries()[4]),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("entry 8 repeats entry 4")));
  EXPECT_THAT(Refusal(ledger_.entries()[4], kTrustPinned),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("entry 8 repeats entry 4")));
}

TEST_F(FollowerTest, EntryAgainstTheRulesIsRefusedSignaturesTrustedOrNot) {
  ledger_.AddUntilRoundOpen();
  const std::string bad = Sealed(ledger_.Decision(kUk, 7));
  for (const auto signatures : {kCheck, kTrustPinned}) {
    EXPECT_THAT(Refusal(bad, signatures), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                   HasSubstr("entry 8: decision names no such")));
  }
}

TEST_F(FollowerTest, IdleClaimIsTakenByReadersAndRefusedByWriters) {
  ledger_.AddUntilRoundOpen();
  Draft draft = ledger_.Contribution(kUk);
  draft.predicate["round_id"] = SampleId("no round");
  EXPECT_THAT(Refusal(Sealed(draft), kCheck, IdleClaims::kRefuse),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("entry 8: entry names a round")));
  Follower reader(Pinned());
  TakeAll(reader);
  EXPECT_THAT(reader.Take(Sealed(draft), kCheck), IsOk());
}

// A kind that the next version may bring, or a next version of a kind.
TEST_F(FollowerTest, KindOfALaterVersionAsksForAnUpdateAndAccusesNobody) {
  ledger_.AddUntilRoundOpen();
  for (const char* kind : {"urn:x-consort:residency:v1", "urn:x-consort:contribution:v2"}) {
    const std::string payload = absl::StrReplaceAll(PayloadOf(Sealed(ledger_.Contribution(kUk))),
                                                    {{"urn:x-consort:contribution:v1", kind}});
    EXPECT_THAT(Refusal(SealPayload(payload, ledger_.archive(kUk).entries)),
                StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("entry 8: ")));
    EXPECT_THAT(Refusal(SealPayload(payload, ledger_.archive(kUk).entries)),
                StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("update this program")));
    // Anybody may invent a kind: the signature comes first.
    EXPECT_THAT(Refusal(SealPayload(payload, SigningKey::Generate("archive-uk-1.demo/entries"))),
                StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("not known")));
  }
  for (const char* kind :
       {"urn:x-consort:Residency:v1", "urn:x-consort:residency:v0", "urn:x-other:job:v1"}) {
    const std::string payload = absl::StrReplaceAll(PayloadOf(Sealed(ledger_.Contribution(kUk))),
                                                    {{"urn:x-consort:contribution:v1", kind}});
    EXPECT_THAT(Refusal(SealPayload(payload, ledger_.archive(kUk).entries)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("predicateType")));
  }
}

TEST_F(FollowerTest, PinnedPrefixIsTakenWithoutItsSignatures) {
  ledger_.AddUntilRoundOpen();
  std::string forged = ledger_.entries()[4];
  const size_t sig = forged.find("\"sig\":\"") + 10;
  forged[sig] = forged[sig] == 'A' ? 'B' : 'A';
  Follower follower(Pinned());
  for (int i = 0; i < 4; ++i) ASSERT_THAT(follower.Take(ledger_.entries()[i], kTrustPinned), IsOk());
  ASSERT_THAT(follower.Take(forged, kTrustPinned), IsOk());
  // What the caller compares shows it.
  EXPECT_NE(follower.LeafHashAt(4), LeafHash(ledger_.entries()[4]));
}

TEST_F(FollowerTest, AnotherLedgerOfThatNameDoesNotNameThePinnedKeys) {
  ASSERT_THAT(ledger_.Add(ledger_.EnrolCoordinator()), IsOk());
  const VerifierKey other = SigningKey::Generate(kOrigin).verifier();
  Follower log({kOrigin, {other}, {}});
  TakeAll(log);
  EXPECT_THAT(log.CheckPinned(), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr(other.KeyId())));
  const VerifierKey coordinator = SigningKey::Generate("coordinator.demo/entries").verifier();
  Follower entries({kOrigin, {}, {coordinator}});
  TakeAll(entries);
  EXPECT_THAT(entries.CheckPinned(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr(coordinator.KeyId())));
  // An archive's key is no coordinator's.
  ASSERT_THAT(ledger_.Add(ledger_.EnrolArchive(kCn)), IsOk());
  Follower archive({kOrigin, {}, {ledger_.archive(kCn).entries.verifier()}});
  TakeAll(archive);
  EXPECT_THAT(archive.CheckPinned(), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("2 entries")));
}

TEST_F(FollowerTest, KeysPinnedAfterARotationAreReachedFromTheFirstEntry) {
  ledger_.AddUntilRoundOpen();
  const SampleChanges changes(ledger_);
  Follower follower({kOrigin, {changes.new_log().verifier()}, {changes.new_coordinator().verifier()}});
  TakeAll(follower);
  EXPECT_THAT(follower.CheckPinned(), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("pinned")));
  ledger_.AddGood(changes.RotateLog());
  ledger_.AddGood(changes.RotateCoordinator());
  TakeAll(follower);
  EXPECT_THAT(follower.CheckPinned(), IsOk());
}

TEST_F(FollowerTest, FirstEntryMustNameItsOwnSigner) {
  ASSERT_THAT(ledger_.Add(ledger_.EnrolCoordinator()), IsOk());
  Follower job(Pinned());
  EXPECT_THAT(job.Take(Sealed(ledger_.Job()), kCheck),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("entry 0: the first entry")));
  Draft draft = ledger_.EnrolCoordinator();
  draft.signer = &ledger_.archive(kUk).entries;
  Follower foreign(Pinned());
  EXPECT_THAT(foreign.Take(Sealed(draft), kCheck),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("entry 0: ")));
  EXPECT_EQ(foreign.size(), 0u);
}

}  // namespace
}  // namespace consort::ledger
