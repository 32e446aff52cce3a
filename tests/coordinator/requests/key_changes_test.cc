#include "coordinator/requests/key_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/crypto/digest.h"
#include "common/ledger/key_rotation.h"
#include "common/status/macros.h"
#include "tests/coordinator/rounds/federation.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator::testing {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Keeps what is sent.
class Mailbox : public NodeGateway {
 public:
  void Send(absl::string_view archive, v1::Envelope envelope) override {
    sent.emplace_back(std::string(archive), std::move(envelope));
  }
  bool Connected(absl::string_view) const override { return true; }
  void Disconnect(absl::string_view, absl::string_view) override {}

  std::vector<std::pair<std::string, v1::Envelope>> sent;
};

class KeyChangesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    federation_.Start();
    changes_ = std::make_unique<KeyChanges>(federation_.store(), federation_.sequencer(), mailbox_);
  }
  // key-rotate of archive-uk-1 as its node makes it.
  std::string Rotation(const std::string& purpose, const SigningKey& old_key, const SigningKey& new_key,
                       uint64_t node_seq, const SigningKey& signer) {
    const std::string origin = federation_.sequencer().identity().origin;
    const std::string text =
        ledger::RotationProofText(origin, purpose, old_key.verifier().KeyId(), new_key.verifier().KeyId());
    const nlohmann::json predicate = {{"origin", origin},
                                      {"project", "music"},
                                      {"archive", uk_.name()},
                                      {"node_seq", node_seq},
                                      {"prev_head", {{"size", 0}, {"root", HexOf(ledger::EmptyRoot())}}},
                                      {"name", uk_.name()},
                                      {"purpose", purpose},
                                      {"old_vkey", old_key.verifier().ToString()},
                                      {"new_vkey", new_key.verifier().ToString()},
                                      {"proof_old", Base64Encode(old_key.Sign(text))},
                                      {"proof_new", Base64Encode(new_key.Sign(text))}};
    return ledger::SealEntry(ledger::Kind::kKeyRotate,
                             {{"key/" + uk_.name(), Sha256Hex(new_key.verifier().public_key())}}, predicate,
                             {&signer})
        .value();
  }
  v1::EntryOutcome Send(const std::string& entry) {
    v1::Envelope envelope;
    envelope.mutable_key_rotation()->set_envelope(entry);
    changes_->OnMessage(uk_.name(), envelope);
    return mailbox_.sent.back().second.entry_outcome();
  }
  MemberRow Member() {
    MemberRow row;
    EXPECT_THAT(federation_.store().Transact([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(row, transaction.GetMember(v1::ROLE_ARCHIVE, uk_.name()));
      return absl::OkStatus();
    }),
                IsOk());
    return row;
  }

  Federation federation_;
  FakeArchive& uk_ = federation_.AddArchive("archive-uk-1", "harp");
  FakeArchive& cn_ = federation_.AddArchive("archive-cn-1", "dizi");
  const SigningKey new_entries_ = SigningKey::Generate("archive-uk-1.test.example/entries");
  Mailbox mailbox_;
  std::unique_ptr<KeyChanges> changes_;
};

TEST_F(KeyChangesTest, ANewEntryKeyGoesOnWithTheSeriesOfTheOld) {
  const v1::EntryOutcome outcome = Send(Rotation("entries", uk_.entries(), new_entries_, 1, uk_.entries()));
  EXPECT_TRUE(outcome.logged()) << outcome.reason();
  EXPECT_EQ(Member().entries_vkey, new_entries_.verifier().ToString());
  // The next entry is the new key's, number 2.
  const SigningKey newer = SigningKey::Generate("archive-uk-1.test.example/entries");
  EXPECT_FALSE(Send(Rotation("entries", new_entries_, newer, 1, new_entries_)).logged());
  EXPECT_FALSE(Send(Rotation("entries", new_entries_, newer, 2, uk_.entries())).logged());
  EXPECT_TRUE(Send(Rotation("entries", new_entries_, newer, 2, new_entries_)).logged());
}

TEST_F(KeyChangesTest, ANewMirrorKeyIsInTheNextPolicy) {
  const SigningKey mirror =
      SigningKey::Generate("archive-uk-1.test.example/mirror", KeyAlgorithm::kCosignatureV1);
  EXPECT_TRUE(Send(Rotation("mirror", uk_.mirror(), mirror, 1, uk_.entries())).logged());
  federation_.Run();
  EXPECT_EQ(Member().mirror_vkey, mirror.verifier().ToString());
  EXPECT_THAT(federation_.sequencer().rules().policies().back().text,
              HasSubstr(mirror.verifier().ToString()));
}

TEST_F(KeyChangesTest, ARotationThatComesAgainIsAnsweredAgainAndChangesNothing) {
  const std::string entry = Rotation("entries", uk_.entries(), new_entries_, 1, uk_.entries());
  const v1::EntryOutcome first = Send(entry);
  // It is signed by the key that it replaced: the archive's series has gone on.
  const v1::EntryOutcome again = Send(entry);
  EXPECT_TRUE(first.logged());
  EXPECT_THAT(federation_.Entries("key-rotate"), SizeIs(1));
  EXPECT_EQ(again.logged(), true) << again.reason();
}

TEST_F(KeyChangesTest, ARotationOfAnotherArchivesKeyIsRefused) {
  EXPECT_FALSE(Send(Rotation("entries", cn_.entries(), new_entries_, 1, uk_.entries())).logged());
  EXPECT_EQ(Member().entries_vkey, uk_.entries().verifier().ToString());
}

TEST_F(KeyChangesTest, ARevokedMirrorKeyIsALeafASealAndAWordToEveryArchive) {
  const auto index = changes_->Revoke(cn_.mirror().verifier().ToString(), "lost-key");
  ASSERT_THAT(index, IsOk());
  int told = 0;
  for (const auto& [archive, envelope] : mailbox_.sent) {
    if (!envelope.has_key_revocation()) continue;
    ++told;
    EXPECT_THAT(ledger::OpenEntry(envelope.key_revocation().envelope(), {federation_.entry_key().verifier()}),
                IsOk());
  }
  EXPECT_EQ(told, 2);
  federation_.Run();
  EXPECT_THAT(federation_.Entries("key-revoke"), SizeIs(1));
  // The policy is without it.
  EXPECT_THAT(federation_.sequencer().rules().policies().back().text,
              ::testing::Not(HasSubstr(cn_.mirror().verifier().ToString())));
}

TEST_F(KeyChangesTest, AKeyThatCannotBeSparedOrIsUnknownIsNotRevoked) {
  EXPECT_THAT(changes_->Revoke(federation_.entry_key().verifier().ToString(), "lost-key"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("rotated before")));
  EXPECT_THAT(changes_->Revoke(uk_.entries().verifier().ToString(), "left"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("membership")));
  EXPECT_THAT(changes_->Revoke(new_entries_.verifier().ToString(), "left"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no such key")));
  EXPECT_THAT(changes_->Revoke(uk_.mirror().verifier().ToString(), "bored"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bored")));
  EXPECT_THAT(mailbox_.sent, IsEmpty());
  EXPECT_THAT(federation_.Entries("key-revoke"), IsEmpty());
}

}  // namespace
}  // namespace consort::coordinator::testing
