#include "node/daemon/head_keeper.h"

#include "common/ledger/merkle_tree.h"
#include "common/ledger/note.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "node/state/state_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;

constexpr char kOrigin[] = "ledger.test.example/music";

class HeadKeeperTest : public ::testing::Test {
 protected:
  HeadKeeperTest() {
    for (int i = 0; i < 9; ++i) tree_.Append(Sha256Of(std::string(1, static_cast<char>('a' + i))));
    for (int i = 0; i < 9; ++i) forged_.Append(Sha256Of(std::string(1, static_cast<char>('A' + i))));
  }
  HeadKeeper Open() {
    incidents_ = Incidents::Open(directory_.Path("ledger/incidents")).value();
    return HeadKeeper::Open({.directory = directory_.Path("ledger"),
                             .origin = kOrigin,
                             .log_keys = {key_.verifier()},
                             .incidents = *incidents_,
                             .now = [] { return absl::FromUnixSeconds(1'800'000'000); }})
        .value();
  }
  v1::LedgerHead Head(const ledger::MemoryTree& tree, uint64_t from, uint64_t size,
                      const std::string& origin = kOrigin) {
    v1::LedgerHead head;
    head.set_checkpoint(ledger::SignCheckpoint({origin, size, tree.Root(size).value()}, key_));
    head.set_proof_from_size(from);
    const auto hashes = ledger::ConsistencyProof(from, size, tree.Reader()).value();
    for (const Digest& hash : hashes) {
      head.add_consistency_proof(std::string(ViewOf(hash)));
    }
    return head;
  }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<Incidents> incidents_;
  const SigningKey key_ = SigningKey::FromSeed(kOrigin, KeyAlgorithm::kEd25519, std::string(32, 'l')).value();
  ledger::MemoryTree tree_;
  ledger::MemoryTree forged_;
};

TEST_F(HeadKeeperTest, KeepsTheNewestProvedCheckpointOverARestart) {
  {
    HeadKeeper keeper = Open();
    ASSERT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
    ASSERT_THAT(keeper.Accept(Head(tree_, 3, 8)).status(), IsOk());
  }
  EXPECT_EQ(Open().newest().size, 8);
}

TEST_F(HeadKeeperTest, OlderCheckpointThatWasSeenIsGood) {
  HeadKeeper keeper = Open();
  ASSERT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
  ASSERT_THAT(keeper.Accept(Head(tree_, 3, 8)).status(), IsOk());
  EXPECT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
  EXPECT_EQ(keeper.newest().size, 8);
}

TEST_F(HeadKeeperTest, HistoryThatDoesNotExtendOursIsRefusedAndKeptAsEvidence) {
  HeadKeeper keeper = Open();
  ASSERT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
  EXPECT_THAT(keeper.Accept(Head(forged_, 3, 8)).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("size 8")));
  EXPECT_EQ(keeper.newest().size, 3);
  const Evidence evidence = incidents_->EvidenceOf(incidents_->OpenId()).value();
  EXPECT_EQ(evidence.at("ours.note"), Head(tree_, 0, 3).checkpoint());
  EXPECT_EQ(evidence.at("theirs.note"), Head(forged_, 3, 8).checkpoint());
}

TEST_F(HeadKeeperTest, SecondRootForASizeIsRefused) {
  HeadKeeper keeper = Open();
  ASSERT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
  EXPECT_THAT(keeper.Accept(Head(forged_, 0, 3)).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("two signed roots")));
  ASSERT_THAT(keeper.Accept(Head(tree_, 3, 8)).status(), IsOk());
  EXPECT_THAT(keeper.Accept(Head(forged_, 0, 3)).status(), StatusIs(absl::StatusCode::kDataLoss, _));
}

TEST_F(HeadKeeperTest, ProofFromAnotherSizeProvesNothingEitherWay) {
  HeadKeeper keeper = Open();
  ASSERT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
  EXPECT_THAT(keeper.Accept(Head(tree_, 2, 8)).status(), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(keeper.Accept(Head(tree_, 0, 2)).status(), StatusIs(absl::StatusCode::kFailedPrecondition, _));
}

TEST_F(HeadKeeperTest, CosignaturesThatComeLaterAreKeptWithTheNote) {
  const SigningKey witness =
      SigningKey::Generate("witness.test.example/mirror", KeyAlgorithm::kCosignatureV1);
  HeadKeeper keeper = Open();
  ASSERT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
  v1::LedgerHead cosigned = Head(tree_, 0, 3);
  const std::string text = ledger::ReadCheckpoint(cosigned.checkpoint())->Text();
  const std::string line = ledger::CosignatureLine(text, witness, absl::FromUnixSeconds(1'800'000'000));
  cosigned.set_checkpoint(cosigned.checkpoint() + line);
  EXPECT_THAT(keeper.Accept(cosigned).status(), IsOk());
  EXPECT_EQ(keeper.newest_note(), cosigned.checkpoint());
  EXPECT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());  // without them again
  EXPECT_EQ(Open().newest_note(), cosigned.checkpoint());
  EXPECT_EQ(incidents_->OpenId(), "");
}

TEST_F(HeadKeeperTest, AcceptedRestoreSetsTheHeadBackAndPutsLargerOnesAside) {
  HeadKeeper keeper = Open();
  ASSERT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
  ASSERT_THAT(keeper.Accept(Head(tree_, 3, 8)).status(), IsOk());
  ASSERT_THAT(keeper.SetBack(Head(tree_, 0, 3).checkpoint()), IsOk());
  EXPECT_EQ(keeper.newest().size, 3);
  EXPECT_EQ(Open().newest().size, 3);
  EXPECT_THAT(ListDirectory(directory_.Path("ledger/set-aside")),
              testing::IsOkAndHolds(::testing::Contains("8-1800000000")));
}

TEST_F(HeadKeeperTest, KeyThatWasReplacedOpensNothingNew) {
  HeadKeeper keeper = Open();
  ASSERT_THAT(keeper.Accept(Head(tree_, 0, 3)).status(), IsOk());
  keeper.SetLogKeys({SigningKey::Generate(kOrigin).verifier()});
  EXPECT_THAT(keeper.Accept(Head(tree_, 3, 8)).status(), StatusIs(absl::StatusCode::kUnauthenticated, _));
  EXPECT_EQ(keeper.newest().size, 3);
}

TEST_F(HeadKeeperTest, CheckpointOfAnotherLogOrKeyIsRefused) {
  HeadKeeper keeper = Open();
  EXPECT_FALSE(keeper.Accept(Head(tree_, 0, 3, "ledger.test.example/other")).ok());
  v1::LedgerHead changed = Head(tree_, 0, 3);
  changed.mutable_checkpoint()->replace(changed.checkpoint().find("\n3\n"), 3, "\n4\n");
  EXPECT_FALSE(keeper.Accept(changed).ok());
  EXPECT_EQ(keeper.newest().size, 0);
}

}  // namespace
}  // namespace consort::node
