#include "node/daemon/entry_signer.h"

#include "common/ledger/merkle_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;

class EntrySignerTest : public ::testing::Test {
 protected:
  EntrySigner Open() {
    return EntrySigner::Open(directory_.Path("entries"),
                             {"archive-uk-1", "ledger.test.example/music", "music"}, key_)
        .value();
  }
  std::string Sign(EntrySigner& signer, const std::string& update) {
    ledger::Checkpoint head;
    head.size = 7;
    head.root = ledger::EmptyRoot();
    auto envelope =
        signer.Sign(ledger::Kind::kContribution, {{"update", update}}, "{\"mode\":\"plain\"}", head);
    EXPECT_THAT(envelope, IsOk());
    return *envelope;
  }

  testing::TemporaryDirectory directory_;
  const SigningKey key_ =
      SigningKey::FromSeed("archive-uk-1.test.example/entries", KeyAlgorithm::kEd25519, std::string(32, 'n'))
          .value();
  const std::string a_ = std::string(64, 'a');
  const std::string b_ = std::string(64, 'b');
};

TEST_F(EntrySignerTest, EntryCarriesWhatEveryArchiveEntryCarries) {
  EntrySigner signer = Open();
  const auto opened = ledger::OpenEntry(Sign(signer, a_), {key_.verifier()});
  ASSERT_THAT(opened.status(), IsOk());
  // docs/formats/ledger.md, "Members in every predicate".
  EXPECT_EQ(nlohmann::json::parse(opened->statement.predicate),
            nlohmann::json::parse(
                R"({"origin":"ledger.test.example/music","project":"music","archive":"archive-uk-1",
              "node_seq":1,"mode":"plain","prev_head":{"size":7,
              "root":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}})"));
}

TEST_F(EntrySignerTest, NumbersGoOnAfterARestart) {
  {
    EntrySigner signer = Open();
    Sign(signer, a_);
    Sign(signer, b_);
  }
  EXPECT_EQ(Open().last(), 2);
}

TEST_F(EntrySignerTest, StoredEntryIsUsedAgainWhenItIsInTheLedgerOrTheNext) {
  EntrySigner signer = Open();
  const std::string first = Sign(signer, a_);
  EXPECT_TRUE(signer.Reuse(first));
  signer.Resume(0);  // it never arrived
  EXPECT_TRUE(signer.Reuse(first));
  EXPECT_EQ(signer.last(), 1);
}

TEST_F(EntrySignerTest, EntryWhoseNumberWentToAnotherIsNotUsedAgain) {
  EntrySigner signer = Open();
  const std::string lost = Sign(signer, a_);
  signer.Resume(0);
  Sign(signer, b_);
  EXPECT_FALSE(signer.Reuse(lost));
}

TEST_F(EntrySignerTest, EntryBeyondAGapIsNotUsedAgain) {
  EntrySigner signer = Open();
  Sign(signer, a_);
  const std::string second = Sign(signer, b_);
  signer.Resume(0);
  EXPECT_FALSE(signer.Reuse(second));
}

TEST_F(EntrySignerTest, FailedSignatureUsesUpNoNumber) {
  EntrySigner signer = Open();
  EXPECT_FALSE(signer.Sign(ledger::Kind::kContribution, {}, "{}", {}).ok());
  EXPECT_EQ(signer.last(), 0);
}

}  // namespace
}  // namespace consort::node
