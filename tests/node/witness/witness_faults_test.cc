// What happens to mirror and state when the ledger lies in its entries, the disk is full, or files are
// damaged.
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/envelope.h"
#include "common/ledger/note.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "node/state/state_files.h"
#include "tests/node/witness/witness_under_test.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::kCn;
using consort::testing::kOrigin;
using consort::testing::kUk;
using consort::testing::SampleLedger;
using consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// While it lives, no file of this process can be longer than `bytes`: what a full disk does to a write.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit = {bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_ = {};
  const sighandler_t old_handler_;
};

class WitnessFaultsTest : public ::testing::Test, protected WitnessUnderTest {
 protected:
  void SetUp() override {
    ASSERT_THAT(Start(), IsOk());
    ledger.AddUntilRoundOpen();
    Publish();
    ASSERT_EQ(Ask(0).status, 200);
    ledger.AddGood(ledger.Contribution(kUk));
    ledger.AddGood(ledger.Decision(kUk, 8));
    ledger.AddGood(ledger.Contribution(kCn));
    ledger.Seal();
    Publish();
    files_before_ = FilesUnder(Path("ledger/mirror"));
    state_before_ = StateFile();
  }
  // Mirror and state, on the disk and in memory, are as they were; the good request still succeeds.
  void ExpectNothingChanged() {
    EXPECT_EQ(FilesUnder(Path("ledger/mirror")), files_before_);
    EXPECT_EQ(StateFile(), state_before_);
    EXPECT_EQ(witness->Facts().mirror_size, 8);
    EXPECT_EQ(witness->Facts().witness_size, 8);
  }
  void ExpectRecovers() {
    source.status = absl::OkStatus();
    Publish();
    for (const Incident& incident : incidents->List())
      ASSERT_THAT(incidents->Resolve(incident.id, kDecisionGoOn, "archivist", now()), IsOk());
    EXPECT_EQ(Ask(8).status, 200);
    EXPECT_EQ(witness->Facts().mirror_size, 11);
  }

  std::map<std::string, std::string> files_before_;
  std::string state_before_;
};

TEST_F(WitnessFaultsTest, OneBadEntryLeavesMirrorAndStateAsTheyWere) {
  std::string& last = source.entries[10];
  last[last.size() / 2] = last[last.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Ask(8).status, 422);
  ASSERT_THAT(raised, SizeIs(1));
  EXPECT_EQ(raised[0].kind, "bad-entry");
  EXPECT_EQ(incidents->EvidenceOf(raised[0].id)->at("entry-10.json"), last);
  ExpectNothingChanged();
  ExpectRecovers();
}

TEST_F(WitnessFaultsTest, GoodEntriesThatDoNotGiveTheSignedRootAreNotKept) {
  const std::string note = ledger::SignCheckpoint({kOrigin, 11, Sha256Of("invented")}, ledger.log_key());
  // The proof is good only for the real checkpoint, so the lie is in the state's next size: from nothing.
  WitnessUnderTest fresh;
  ASSERT_THAT(fresh.Start(), IsOk());
  fresh.Publish(ledger);
  EXPECT_EQ(fresh.witness->OnRequest(absl::StrCat("old 0\n\n", note)).status, 422);
  ASSERT_THAT(fresh.raised, SizeIs(1));
  EXPECT_EQ(fresh.raised[0].kind, "fork");
  EXPECT_EQ(fresh.witness->Facts().mirror_size, 0);
  EXPECT_THAT(fresh.MirrorFiles(), IsEmpty());
}

TEST_F(WitnessFaultsTest, EntryThatIsRepeatedIsABadEntry) {
  source.entries[10] = source.entries[8];
  EXPECT_EQ(Ask(8).status, 422);
  ASSERT_THAT(raised, SizeIs(1));
  EXPECT_EQ(raised[0].kind, "bad-entry");
  EXPECT_THAT(raised[0].detail, HasSubstr("repeats entry 8"));
  ExpectNothingChanged();
}

TEST_F(WitnessFaultsTest, FewerEntriesThanTheCheckpointCountsAreNotEvidenceYet) {
  source.entries.pop_back();
  EXPECT_EQ(Ask(8).status, 503);
  EXPECT_THAT(raised, IsEmpty());
  ExpectNothingChanged();
  ExpectRecovers();
}

TEST_F(WitnessFaultsTest, SilentCoordinatorIsAskedAgainLater) {
  source.status = absl::UnavailableError("no answer");
  EXPECT_EQ(Ask(8).status, 503);
  EXPECT_THAT(witness->Facts().blocked, HasSubstr("no answer"));
  ExpectNothingChanged();
  ExpectRecovers();
  EXPECT_THAT(witness->Facts().blocked, IsEmpty());
}

TEST_F(WitnessFaultsTest, EntryOfALaterKindAsksForAnUpdateAndIsNoEvidence) {
  const std::string known = ledger::ParseEnvelope(source.entries[10])->payload;
  std::string later = known;
  later.replace(later.find("urn:x-consort:contribution:v1"), 29, "urn:x-consort:later-kind:v1");
  const std::string sig = ledger.archive(kCn).entries.Sign(ledger::PreAuthenticationEncoding(later));
  source.entries[10] =
      ledger::SpellEnvelope({later, {{ledger.archive(kCn).entries.verifier().KeyId(), sig}}});
  const Witness::Answer answer = Ask(8);
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr("update this node"));
  EXPECT_THAT(raised, IsEmpty());
  ExpectNothingChanged();
}

TEST_F(WitnessFaultsTest, FullDiskIs503AndNothingIsSigned) {
  {
    const FileSizeLimit full(64);
    EXPECT_EQ(Ask(8).status, 503);
  }
  EXPECT_EQ(StateFile(), state_before_);
  EXPECT_EQ(FilesUnder(Path("ledger/mirror"))["checkpoint"], files_before_["checkpoint"]);
  EXPECT_EQ(witness->Facts().mirror_size, 8);
  ExpectRecovers();
}

TEST_F(WitnessFaultsTest, StateThatCannotBeStoredAsItMustEndsTheProcess) {
  // A folder in its place: the rename fails as no full disk does.
  std::filesystem::remove(Path("ledger/witness"));
  std::filesystem::create_directory(Path("ledger/witness"));
  EXPECT_DEATH(Ask(8), "may not be on the disk");
}

TEST_F(WitnessFaultsTest, DamagedMirrorIsPutAsideAndFetchedAnew) {
  const std::string bundle = Path("ledger/mirror/tile/entries/000.p/8");
  std::string bytes = testing::ReadFileOrDie(bundle);
  bytes[100] ^= 1;
  testing::WriteFileOrDie(bundle, bytes);
  ASSERT_THAT(Start(), IsOk());
  EXPECT_EQ(witness->Facts().mirror_size, 0);
  EXPECT_EQ(witness->Facts().witness_size, 8);
  EXPECT_EQ(Ask(8).status, 200);
  EXPECT_EQ(witness->Facts().mirror_size, 11);
  EXPECT_EQ(testing::ReadFileOrDie(Path("ledger/mirror.damaged/tile/entries/000.p/8")), bytes);
}

TEST_F(WitnessFaultsTest, MirrorOfAnotherHistoryThanTheStateIsPutAside) {
  SampleLedger other;
  other.AddGood(other.EnrolCoordinator());
  other.AddGood(other.EnrolArchive(kCn));
  other.AddGood(other.EnrolArchive(kUk));
  other.AddGood(other.Job());
  other.AddGood(other.Approval(kUk));
  other.AddGood(other.Approval(kCn));
  other.AddGood(other.Roster());
  other.AddGood(other.RoundOpen());
  other.Seal();
  ASSERT_THAT(RemoveAll(Path("ledger/mirror")), IsOk());
  ASSERT_THAT(ledger::WriteExport(other.Source(), Path("ledger/mirror")), IsOk());
  ASSERT_THAT(Start(), IsOk());
  EXPECT_EQ(witness->Facts().mirror_size, 0);
  EXPECT_EQ(Ask(8).status, 200);
}

TEST_F(WitnessFaultsTest, MirrorThatHoldsAFileOfAnotherHistoryIsFetchedAnew) {
  testing::WriteFileOrDie(Path("ledger/mirror/tile/entries/000.p/11"), "of another history");
  EXPECT_EQ(Ask(8).status, 503);
  EXPECT_EQ(StateFile(), state_before_);
  EXPECT_EQ(Ask(8).status, 200);
  EXPECT_EQ(witness->Facts().mirror_size, 11);
}

TEST_F(WitnessFaultsTest, DamagedStateIsNeverTakenForANewOne) {
  testing::WriteFileOrDie(Path("ledger/witness"), "");
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("do not delete it")));
}

TEST_F(WitnessFaultsTest, SecondDaemonIsKeptOff) {
  const auto second = Witness::Open({.directory = Path("ledger"),
                                     .trust = {kOrigin, {}, {}},
                                     .source = source,
                                     .incidents = *incidents,
                                     .now = now});
  EXPECT_THAT(second.status(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another daemon")));
}

TEST_F(WitnessFaultsTest, EntryUnderOurKeyThatWeDidNotSignIsAnIncident) {
  std::filesystem::remove(Path("entries/2"));  // our contribution: as if somebody else had signed it
  EXPECT_NE(Ask(8).status, 200);
  ASSERT_THAT(raised, SizeIs(1));
  EXPECT_EQ(raised[0].kind, "key");
  EXPECT_THAT(raised[0].detail, HasSubstr("entry 8"));
  ExpectNothingChanged();
  ASSERT_THAT(incidents->Resolve(raised[0].id, kDecisionGoOn, "archivist", now()), IsOk());
  EXPECT_EQ(Ask(8).status, 200);
}

}  // namespace
}  // namespace consort::node
