// The board of witnesses, the policy in force and the check at a start, in a whole federation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/crypto/digest.h"
#include "common/ledger/policy.h"
#include "tests/coordinator/ledger/test_ledger.h"
#include "tests/coordinator/rounds/federation.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator::testing {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class WitnessTest : public ::testing::Test {
 protected:
  WitnessTest() {
    for (const char* name : {"archive-cn-1", "archive-cn-2", "archive-uk-1"})
      archives_.push_back(&federation_.AddArchive(name, "harp"));
  }
  // Appends an entry of the coordinator's own and seals.
  void Append(const std::string& name) {
    const consort::testing::OwnEntry entry = consort::testing::JobCancelled(name);
    ASSERT_THAT(federation_.store().Transact([&](Transaction& transaction) {
      return federation_.sequencer()
          .AppendOwn(transaction, entry.kind, entry.subjects, entry.predicate)
          .status();
    }),
                IsOk());
    ASSERT_THAT(federation_.sequencer().Seal(), IsOk());
    federation_.Run();
  }
  uint64_t Size() {
    uint64_t size = 0;
    EXPECT_THAT(federation_.store().Transact([&](Transaction& transaction) {
      size = transaction.LedgerSize().value();
      return absl::OkStatus();
    }),
                IsOk());
    return size;
  }
  std::vector<std::string> Requests(const FakeArchive& archive) {
    std::vector<std::string> bodies;
    for (const v1::Envelope& received : archive.ledger_received) {
      if (received.has_witness_request()) bodies.push_back(received.witness_request().body());
    }
    return bodies;
  }

  Federation federation_;
  std::vector<FakeArchive*> archives_;
};

TEST_F(WitnessTest, EveryArchiveCosignsAndTwoOfThreeAreAQuorum) {
  federation_.Start();
  Append("a");
  EXPECT_EQ(federation_.witnesses().witnessed_size(), Size());
  for (const v1::WitnessStatus& witness : federation_.witnesses().Witnesses()) {
    EXPECT_EQ(witness.size(), Size()) << witness.archive();
    EXPECT_FALSE(witness.clock_ahead());
  }
  EXPECT_THAT(federation_.Metrics(), HasSubstr("consort_ledger_witnessed_size " + std::to_string(Size())));
  const auto policy = ledger::Policy::Parse(federation_.sequencer().rules().policies().back().text);
  ASSERT_THAT(policy, IsOk());
  EXPECT_EQ(policy->SmallestOverlap().witnesses, 1);  // two of three: docs of tlog-policy by hand
}

TEST_F(WitnessTest, ARestartedWitnessThatStandsElsewhereIsAskedFromThere) {
  federation_.Start();
  Append("a");
  const uint64_t stood = archives_[0]->witness_state().size;
  federation_.Disconnect("archive-cn-1");
  Append("b");
  // It answers 409 with its size, for its hello told another.
  archives_[0]->faults.hello = [](v1::NodeHello& hello) { hello.set_witness_size(0); };
  archives_[0]->ledger_received.clear();
  federation_.Reconnect("archive-cn-1");
  federation_.Run();
  EXPECT_EQ(archives_[0]->witness_state().size, Size());
  EXPECT_THAT(Requests(*archives_[0]),
              ElementsAre(StartsWith("old 0\n"), StartsWith("old " + std::to_string(stood) + "\n")));
}

TEST_F(WitnessTest, OneClockThatIsADayAheadDropsThatWitnessOnly) {
  archives_[0]->faults.clock_ahead = absl::Hours(24);
  federation_.Start();
  Append("a");
  EXPECT_EQ(federation_.witnesses().witnessed_size(), Size());
  EXPECT_TRUE(federation_.witnesses().Witnesses()[0].clock_ahead());
  EXPECT_FALSE(federation_.witnesses().Witnesses()[1].clock_ahead());
}

TEST_F(WitnessTest, ALineOfAnotherArchivesKeyCountsForNobody) {
  const auto forge = [this](v1::WitnessAnswer& answer) {
    if (answer.status() != 200) return;
    answer.set_body(ledger::CosignatureBody(archives_[0]->witness_state(), archives_[2]->mirror(),
                                            absl::FromUnixSeconds(1'800'000'000)));
  };
  archives_[0]->faults.witness = forge;
  archives_[1]->faults.witness = [](v1::WitnessAnswer& answer) { answer.set_body("no line\n"); };
  federation_.Start();
  Append("a");
  EXPECT_EQ(federation_.witnesses().witnessed_size(), 0u);
  EXPECT_THAT(federation_.witnesses().Missing(0), ElementsAre("archive-cn-1", "archive-cn-2"));
}

TEST_F(WitnessTest, NotNowIsAskedAgain) {
  int answers = 0;
  for (FakeArchive* archive : archives_) {
    archive->faults.witness = [&answers](v1::WitnessAnswer& answer) {
      if (++answers > 3) return;
      answer.set_status(503);
      answer.set_body("busy\n");
    };
  }
  federation_.Start();
  Append("a");
  EXPECT_EQ(federation_.witnesses().witnessed_size(), 0u);
  federation_.Advance(WitnessBoard::kAskAgainAfter + absl::Seconds(1));
  EXPECT_EQ(federation_.witnesses().witnessed_size(), Size());
}

TEST_F(WitnessTest, AWitnessThatSaysTheLogContradictsItselfIsAnIncidentOnce) {
  archives_[0]->faults.witness = [](v1::WitnessAnswer& answer) {
    answer.set_status(422);
    answer.set_body("another root\n");
  };
  federation_.Start();
  Append("a");
  Append("b");
  const auto incidents = federation_.incidents().List();
  ASSERT_THAT(incidents, IsOk());
  ASSERT_THAT(*incidents, SizeIs(1));
  EXPECT_EQ(incidents->front().kind(), "fork");
  EXPECT_EQ(incidents->front().archive(), "archive-cn-1");
  EXPECT_THAT(incidents->front().evidence(0), StartsWith("ledger.test.example/music\n"));
  EXPECT_THAT(federation_.Entries("incident"), SizeIs(1));
  EXPECT_EQ(federation_.incidents().open(), 1u);
}

TEST_F(WitnessTest, WhatAnArchiveReportsIsEnteredAndResolvedWhenItComesBackWithoutIt) {
  federation_.Start();
  v1::Envelope report;
  report.mutable_incident_report()->set_id("0123");
  report.mutable_incident_report()->set_kind("receipt-overdue");
  report.mutable_incident_report()->set_detail("leaf 7");
  report.mutable_incident_report()->add_evidence("receipt");
  federation_.events().OnMessage("archive-uk-1", report);
  federation_.events().OnMessage("archive-uk-1", report);
  ASSERT_THAT(federation_.Entries("incident"), SizeIs(1));
  EXPECT_EQ(federation_.Entries("incident")[0]["kind"], "receipt-overdue");
  EXPECT_EQ(federation_.incidents().open(), 1u);
  federation_.Disconnect("archive-uk-1");
  federation_.Reconnect("archive-uk-1");
  EXPECT_EQ(federation_.incidents().open(), 0u);
  EXPECT_THAT(federation_.Entries("incident"), SizeIs(2));
  EXPECT_TRUE(federation_.incidents().List()->front().resolved());
}

TEST_F(WitnessTest, AReportOfAKindThatTheLedgerDoesNotKnowChangesNothing) {
  federation_.Start();
  const uint64_t size = Size();
  v1::Envelope report;
  report.mutable_incident_report()->set_id("0123");
  report.mutable_incident_report()->set_kind("weather");
  federation_.events().OnMessage("archive-uk-1", report);
  EXPECT_EQ(Size(), size);
  EXPECT_EQ(federation_.incidents().open(), 0u);
}

TEST_F(WitnessTest, AnArchiveThatIsNoWitnessIsNotAskedAndIsMissed) {
  archives_[0]->faults.is_no_witness = true;
  federation_.Start();
  Append("a");
  EXPECT_THAT(Requests(*archives_[0]), IsEmpty());
  EXPECT_EQ(federation_.witnesses().witnessed_size(), Size());
  EXPECT_THAT(federation_.witnesses().Missing(0), ElementsAre("archive-cn-1"));
}

TEST_F(WitnessTest, AfterARestartWhatWasWitnessedIsStillSo) {
  federation_.Start();
  Append("a");
  const uint64_t size = Size();
  federation_.away = {"archive-cn-1", "archive-cn-2", "archive-uk-1"};
  federation_.Restart();
  EXPECT_EQ(federation_.witnesses().witnessed_size(), size);
  EXPECT_EQ(federation_.witnesses().Witnesses()[0].size(), size);
}

// The policy.

TEST_F(WitnessTest, AnArchiveThatIsEnrolledChangesThePolicyWhichOldAndNewWitnessesMustSee) {
  federation_.Start();
  Append("a");
  const uint64_t before = federation_.witnesses().witnessed_size();
  federation_.AddArchive("archive-uk-2", "harp");
  federation_.away = {"archive-cn-1", "archive-cn-2"};
  federation_.Restart();  // enters it and the policy
  federation_.Run();
  EXPECT_EQ(federation_.sequencer().rules().policies().size(), 2u);
  EXPECT_EQ(federation_.witnesses().witnessed_size(), before);
  federation_.Reconnect("archive-cn-1");
  federation_.Advance(absl::Seconds(11));
  EXPECT_EQ(federation_.witnesses().witnessed_size(), Size());  // two of the old three, three of the new four
}

TEST_F(WitnessTest, APolicyThatLeavesRoomForTwoHistoriesIsRefusedWithTwoQuorums) {
  federation_.Start();
  const SigningKey& log = federation_.sequencer().log_key();
  PolicyConfig config;
  config.text = "log " + log.verifier().ToString() + "\nwitness a " +
                archives_[0]->mirror().verifier().ToString() + "\nwitness b " +
                archives_[1]->mirror().verifier().ToString() + "\ngroup any 1 a b\nquorum any\n";
  PolicyKeeper keeper(federation_.store(), federation_.sequencer(), federation_.executor(), config);
  EXPECT_THAT(keeper.Start(), StatusIs(absl::StatusCode::kPermissionDenied,
                                       ::testing::AllOf(HasSubstr("{a}"), HasSubstr("{b}"))));
}

TEST_F(WitnessTest, APolicyThatNeedsWitnessesNobodyAsksIsRefused) {
  federation_.Start();
  const SigningKey outside = SigningKey::Generate("university.example/witness", KeyAlgorithm::kCosignatureV1);
  PolicyConfig config;
  config.text = "log " + federation_.sequencer().log_key().verifier().ToString() + "\nwitness u " +
                outside.verifier().ToString() + "\nquorum u\n";
  PolicyKeeper keeper(federation_.store(), federation_.sequencer(), federation_.executor(), config);
  EXPECT_THAT(keeper.Start(), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("nobody asks")));
}

TEST_F(WitnessTest, ThePolicyIsEnteredOnceHoweverOftenTheCoordinatorStarts) {
  federation_.Start();
  federation_.Restart();
  federation_.Restart();
  EXPECT_THAT(federation_.Entries("policy-change"), SizeIs(1));
}

// The check at a start.

TEST_F(WitnessTest, ARestartedLogSignsNothingUntilEnoughWitnessesWereHeard) {
  federation_.Start();
  Append("a");
  federation_.away = {"archive-cn-1", "archive-cn-2", "archive-uk-1"};
  federation_.Restart();
  // Two of three are a quorum and none may be dishonest: whoever heard two has heard one of every quorum.
  EXPECT_EQ(federation_.start_check().hold(), "asking-witnesses: archive-cn-1, archive-cn-2, archive-uk-1");
  federation_.Reconnect("archive-cn-1");
  EXPECT_EQ(federation_.start_check().hold(), "asking-witnesses: archive-cn-2, archive-uk-1");
  federation_.Reconnect("archive-uk-1");
  EXPECT_EQ(federation_.start_check().hold(), "");
  EXPECT_THAT(federation_.sequencer().Seal(), IsOk());
}

// What a hello may bring that a database which has forgotten something does not hold.
struct Seen {
  std::string name;
  std::string kind;
  std::string detail;
  std::function<void(Federation&, FakeArchive&, v1::NodeHello&)> add;
};
class RolledBackTest : public ::testing::TestWithParam<Seen> {};

TEST_P(RolledBackTest, ADatabaseThatHasForgottenSomethingSignsNothingAndTakesNothing) {
  Federation federation;
  federation.AddArchive("archive-cn-1", "dizi");
  FakeArchive& uk = federation.AddArchive("archive-uk-1", "harp");
  federation.away = {"archive-uk-1"};
  federation.Start();
  federation.Restart();
  ASSERT_THAT(federation.start_check().hold(), IsEmpty());  // one of two is enough of an all-of-two policy
  v1::NodeHello hello = uk.Hello();
  GetParam().add(federation, uk, hello);
  bool told = false;
  federation.start_check().OnRolledBack([&told] { told = true; });
  federation.events().OnSessionStarted("archive-uk-1", hello);
  EXPECT_TRUE(told);
  EXPECT_THAT(federation.start_check().hold(),
              ::testing::AllOf(StartsWith("rolled-back: "), HasSubstr(GetParam().detail),
                               HasSubstr("restore --from-mirror")));
  EXPECT_FALSE(federation.store()
                   .Transact([&](Transaction& transaction) {
                     const auto entry = consort::testing::JobCancelled("late");
                     return federation.sequencer()
                         .AppendOwn(transaction, entry.kind, entry.subjects, entry.predicate)
                         .status();
                   })
                   .ok());
  const auto incidents = federation.incidents().List();
  ASSERT_THAT(*incidents, SizeIs(1));
  EXPECT_EQ(incidents->front().kind(), GetParam().kind);
  EXPECT_EQ(incidents->front().leaf_index(), 0u);
  federation.Restart();  // and it stays so, whoever comes
  EXPECT_THAT(federation.start_check().hold(), StartsWith("rolled-back: "));
}

std::string NoteOf(Federation& federation, uint64_t size, const Digest& root) {
  const SigningKey& log = federation.sequencer().log_key();
  return ledger::SignCheckpoint({federation.sequencer().identity().origin, size, root}, log);
}

INSTANTIATE_TEST_SUITE_P(
    Hellos, RolledBackTest,
    ::testing::Values(
        Seen{"ALargerCheckpoint", "rollback", "size 99",
             [](Federation& federation, FakeArchive&, v1::NodeHello& hello) {
               hello.set_newest_checkpoint(NoteOf(federation, 99, Sha256Of("another root")));
             }},
        Seen{"AnotherRoot", "fork", "size 2",
             [](Federation& federation, FakeArchive&, v1::NodeHello& hello) {
               hello.set_newest_checkpoint(NoteOf(federation, 2, Sha256Of("another root")));
             }},
        Seen{"AReceiptForALeafThatIsNotThere", "rollback", "leaf 99",
             [](Federation& federation, FakeArchive&, v1::NodeHello& hello) {
               hello.set_newest_receipt(federation.sequencer().Receipt({99, std::string(32, 'x')}).value());
             }},
        Seen{"AReceiptForAnotherEntry", "fork", "leaf 1",
             [](Federation& federation, FakeArchive&, v1::NodeHello& hello) {
               hello.set_newest_receipt(federation.sequencer().Receipt({1, std::string(32, 'x')}).value());
             }}),
    [](const auto& info) { return info.param.name; });

TEST_F(WitnessTest, ANoteThatIsNotOursHoldsNothingUp) {
  federation_.Start();
  v1::NodeHello hello = archives_[0]->Hello();
  const SigningKey thief = SigningKey::Generate("ledger.test.example/music");
  hello.set_newest_checkpoint(
      ledger::SignCheckpoint({"ledger.test.example/music", 99, Sha256Of("forged")}, thief));
  hello.set_newest_receipt("{}");
  federation_.events().OnSessionStarted("archive-cn-1", hello);
  EXPECT_EQ(federation_.start_check().hold(), "");
}

}  // namespace
}  // namespace consort::coordinator::testing
