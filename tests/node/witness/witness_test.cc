// The table of ledger.md 2.5 (tlog-witness, add-checkpoint) line by line, and what a mirror adds to it.
#include "node/witness/witness.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/note.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/node/witness/witness_under_test.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::kOrigin;
using consort::testing::kUk;
using consort::testing::SampleDigest;
using consort::testing::SampleLedger;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

class WitnessTest : public ::testing::Test, protected WitnessUnderTest {
 protected:
  void SetUp() override {
    ASSERT_THAT(Start(), IsOk());
    ledger.AddUntilRoundOpen();  // 8 entries, one checkpoint
    Publish();
  }
  std::vector<std::string> KindsRaised() const {
    std::vector<std::string> kinds;
    for (const Incident& incident : raised) kinds.push_back(incident.kind);
    return kinds;
  }
  // A note that the log signs over a tree that never was.
  std::string InventedNote(uint64_t size) const {
    return ledger::SignCheckpoint({kOrigin, size, Sha256Of(absl::StrCat("invented ", size))},
                                  ledger.log_key());
  }
};

TEST_F(WitnessTest, GoodRequestIsMirroredStoredAndCosigned) {
  const Witness::Answer answer = Ask(0);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.size, 8);
  const auto note = ledger::ParseNote(ledger.checkpoints()[0] + answer.body);
  ASSERT_THAT(note, IsOk());
  const auto good = ledger::CheckSignatures(*note, {ledger.archive(kUk).mirror.verifier()});
  ASSERT_THAT(good, IsOk());
  ASSERT_EQ(good->size(), 1);
  EXPECT_EQ((*good)[0].unix_seconds, 1'800'003'600);
  EXPECT_EQ(StateFile(), ledger.checkpoints()[0]);
  EXPECT_EQ(witness->Facts().mirror_size, 8);
  EXPECT_THAT(raised, IsEmpty());
}

TEST_F(WitnessTest, StateAndMirrorAreOnTheDiskBeforeTheCosignatureIsMade) {
  std::string state_when_signing;
  std::string mirror_when_signing;
  now = [&] {  // asked for the time that goes into the signature
    state_when_signing = StateFile();
    mirror_when_signing = MirrorFiles()["checkpoint"];
    return absl::FromUnixSeconds(1'800'000'000);
  };
  ASSERT_EQ(Ask(0).status, 200);
  EXPECT_EQ(state_when_signing, ledger.checkpoints()[0]);
  EXPECT_EQ(mirror_when_signing, ledger.checkpoints()[0]);
}

TEST_F(WitnessTest, MalformedRequestIs400) { EXPECT_EQ(witness->OnRequest("old x\n\n").status, 400); }

TEST_F(WitnessTest, UnknownOriginIs404) {
  const auto key = SigningKey::Generate("ledger.demo/other");
  const std::string note = ledger::SignCheckpoint({"ledger.demo/other", 8, Sha256Of("root")}, key);
  EXPECT_EQ(witness->OnRequest(absl::StrCat("old 0\n\n", note)).status, 404);
}

TEST_F(WitnessTest, ForeignKeyOfTheSameNameIs403) {
  const auto key = SigningKey::Generate(kOrigin);
  const std::string note =
      ledger::SignCheckpoint(ledger::ReadCheckpoint(ledger.checkpoints()[0]).value(), key);
  EXPECT_EQ(witness->OnRequest(absl::StrCat("old 0\n\n", note)).status, 403);
  EXPECT_THAT(raised, IsEmpty());
}

TEST_F(WitnessTest, OldSizeAboveTheCheckpointsIs400) { EXPECT_EQ(Ask(9).status, 400); }

TEST_F(WitnessTest, OldSizeOtherThanTheStoredOneIs409WithTheStoredOne) {
  ASSERT_EQ(Ask(0).status, 200);
  const Witness::Answer answer = Ask(0);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.body, "8\n");
  EXPECT_THAT(raised, IsEmpty());
}

TEST_F(WitnessTest, EmptyTreeWithARootOfItsOwnIs422AndEvidence) {
  EXPECT_EQ(witness->OnRequest(absl::StrCat("old 0\n\n", InventedNote(0))).status, 422);
  EXPECT_THAT(KindsRaised(), ElementsAre("fork"));
}

TEST_F(WitnessTest, AnotherRootAtTheSameSizeIs422AndBothNotesAreKept) {
  ASSERT_EQ(Ask(0).status, 200);
  const std::string theirs = InventedNote(8);
  EXPECT_EQ(witness->OnRequest(absl::StrCat("old 8\n\n", theirs)).status, 422);
  ASSERT_THAT(KindsRaised(), ElementsAre("fork"));
  const Evidence evidence = incidents->EvidenceOf(raised[0].id).value();
  EXPECT_EQ(evidence.at("ours.note"), ledger.checkpoints()[0]);
  EXPECT_EQ(evidence.at("theirs.note"), theirs);
  EXPECT_THAT(evidence.at("split-view.txt"), HasSubstr(theirs));
  EXPECT_EQ(StateFile(), ledger.checkpoints()[0]);
}

TEST_F(WitnessTest, SecondHistoryIs409AndEvidenceWhereTheOldSizeIsWrongToo) {
  ASSERT_EQ(Ask(0).status, 200);
  EXPECT_EQ(witness->OnRequest(absl::StrCat("old 0\n\n", InventedNote(8))).status, 409);
  EXPECT_THAT(KindsRaised(), ElementsAre("fork"));
}

TEST_F(WitnessTest, CheckpointThatDoesNotGoOnFromTheStoredOneIs422AndEvidence) {
  ASSERT_EQ(Ask(0).status, 200);
  SampleLedger other;  // the same until the job, and from there on another history
  other.AddGood(other.EnrolCoordinator());
  other.AddGood(other.EnrolArchive(consort::testing::kCn));
  other.AddGood(other.EnrolArchive(kUk));
  for (int i = 0; i < 9; ++i) other.AddRaw(absl::StrCat("entry ", i));
  other.Seal();
  EXPECT_EQ(witness->OnRequest(RequestFor(other, 8)).status, 422);
  EXPECT_THAT(KindsRaised(), ElementsAre("fork"));
  EXPECT_EQ(StateFile(), ledger.checkpoints()[0]);
}

TEST_F(WitnessTest, ShorterHistoryWithAnotherRootIsARollback) {
  ASSERT_EQ(Ask(0).status, 200);
  EXPECT_EQ(witness->OnRequest(absl::StrCat("old 0\n\n", InventedNote(5))).status, 409);
  EXPECT_THAT(KindsRaised(), ElementsAre("rollback"));
}

TEST_F(WitnessTest, OfTwoRacingRequestsOneIs200AndTheOther409) {
  const std::string first = RequestFor(ledger, 0);
  ledger.AddGood(ledger.Contribution(kUk));
  ledger.Seal();
  Publish();
  const std::string second = RequestFor(ledger, 0);
  EXPECT_EQ(witness->OnRequest(second).status, 200);
  const Witness::Answer late = witness->OnRequest(first);
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(late.body, "9\n");
  EXPECT_THAT(raised, IsEmpty());
}

TEST_F(WitnessTest, GoesOnAfterARestartWhereItStood) {
  ASSERT_EQ(Ask(0).status, 200);
  ASSERT_THAT(Start(), IsOk());
  EXPECT_EQ(witness->Facts().witness_size, 8);
  ledger.AddGood(ledger.Contribution(kUk));
  ledger.Seal();
  Publish();
  source.reads = 0;
  EXPECT_EQ(Ask(8).status, 200);
  EXPECT_EQ(witness->Facts().mirror_size, 9);
}

TEST_F(WitnessTest, HeadThatWasProvedWithAnotherRootIsAFork) {
  witness->OnHead(InventedNote(8));
  EXPECT_EQ(Ask(0).status, 422);
  EXPECT_THAT(KindsRaised(), ElementsAre("fork"));
  EXPECT_EQ(StateFile(), "");
}

TEST_F(WitnessTest, HeadBelowTheMirrorWithAnotherRootIsEvidenceAtOnce) {
  ASSERT_EQ(Ask(0).status, 200);
  witness->OnHead(InventedNote(7));
  EXPECT_THAT(KindsRaised(), ElementsAre("rollback"));
}

TEST_F(WitnessTest, CosignaturesOfOthersReachTheMirrorsNote) {
  ASSERT_EQ(Ask(0).status, 200);
  const SigningKey other = SigningKey::Generate("other.demo/mirror", KeyAlgorithm::kCosignatureV1);
  const std::string text = ledger::ReadCheckpoint(ledger.checkpoints()[0])->Text();
  const std::string line = ledger::CosignatureLine(text, other, now());
  witness->OnHead(ledger.checkpoints()[0] + line);
  EXPECT_THAT(MirrorFiles()["checkpoint"], HasSubstr(line));
  EXPECT_THAT(MirrorFiles()["checkpoint"], HasSubstr("archive-uk-1.demo/mirror"));
  EXPECT_EQ(MirrorFiles()["checkpoint"], MirrorFiles()["checkpoints/8"]);
}

TEST_F(WitnessTest, OpenIncidentStopsCosigningUntilAPersonDecides) {
  ASSERT_EQ(Ask(0).status, 200);
  witness->OnHead(InventedNote(7));
  ledger.AddGood(ledger.Contribution(kUk));
  ledger.Seal();
  Publish();
  EXPECT_EQ(Ask(8).status, 503);
  ASSERT_THAT(incidents->Resolve(raised[0].id, kDecisionStayStopped, "archivist", now()), IsOk());
  EXPECT_EQ(Ask(8).status, 503);
  ASSERT_THAT(incidents->Resolve(raised[0].id, kDecisionGoOn, "archivist", now()), IsOk());
  EXPECT_EQ(Ask(8).status, 200);
}

TEST_F(WitnessTest, RevokedLogKeyIs403AtOnceAndAfterARestart) {
  const VerifierKey log = ledger.log_key().verifier();
  nlohmann::json predicate = ledger.Common();
  predicate.update({{"name", "coordinator"},
                    {"role", "coordinator"},
                    {"entries_vkey", ledger.coordinator_key().verifier().ToString()},
                    {"certificate_sha256", SampleDigest("authority")},
                    {"reason", "lost-key"},
                    {"purpose", "log"},
                    {"vkey", log.ToString()}});
  const std::string entry =
      ledger::SealEntry(ledger::Kind::kKeyRevoke, {{"key/coordinator", Sha256Hex(log.public_key())}},
                        predicate, {&ledger.coordinator_key()})
          .value();
  EXPECT_THAT(witness->OnRevocation(entry), IsOk());
  EXPECT_EQ(Ask(0).status, 403);
  ASSERT_THAT(Start(), IsOk());
  EXPECT_EQ(Ask(0).status, 403);
}

TEST_F(WitnessTest, RevocationBySomebodyElseIsRefused) {
  EXPECT_THAT(witness->OnRevocation(ledger.entries()[3]), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(witness->OnRevocation(ledger.entries()[4]), StatusIs(absl::StatusCode::kUnauthenticated, _));
  EXPECT_EQ(Ask(0).status, 200);
}

}  // namespace
}  // namespace consort::node
