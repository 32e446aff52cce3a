#include "coordinator/ledger/sequencer.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/merkle_tree.h"
#include "coordinator/ledger/stored_tree.h"
#include "coordinator/store/sqlite_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/coordinator/ledger/test_ledger.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

using testing::CoordinatorEnrolled;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::OwnEntry;
using testing::StatusIs;
using testing::TestKey;
using testing::TestLedger;

std::vector<Digest> Digests(const std::vector<std::string>& hashes) {
  std::vector<Digest> digests;
  for (const std::string& hash : hashes) digests.push_back(DigestOfStored(hash).value());
  return digests;
}

ledger::Checkpoint Open(const TestLedger& ledger, const CheckpointRow& row) {
  return ledger::OpenCheckpoint(row.note, {ledger.log_key().verifier()}).value().checkpoint;
}

TEST(SequencerTest, EntriesGetIndicesWithoutGapsAndTheirLeafHash) {
  TestLedger ledger;
  for (uint64_t index = 0; index < 3; ++index) {
    const Appended appended = ledger.Append(absl::StrCat("entry-", index));
    EXPECT_EQ(appended.index, TestLedger::kFounded + index);
    LeafRow leaf;
    ASSERT_THAT(ledger.store().Transact([&](Transaction& transaction) {
      leaf = transaction.GetLeaf(appended.index).value();
      return absl::OkStatus();
    }),
                IsOk());
    // RFC 6962: SHA-256(0x00 || entry), written out here.
    EXPECT_EQ(HexEncode(appended.leaf_hash), Sha256Hex(std::string(1, '\0') + leaf.body));
  }
}

TEST(SequencerTest, AnEntryOfOurOwnNamesOriginAndProjectAndIsSignedByTheEntryKey) {
  TestLedger ledger;
  const uint64_t index = ledger.Append("x").index;
  std::string body;
  ASSERT_THAT(ledger.store().Transact([&](Transaction& transaction) {
    body = transaction.GetLeaf(index)->body;
    return absl::OkStatus();
  }),
              IsOk());
  const auto opened = ledger::OpenEntry(body, {ledger.entry_key().verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(opened->statement.predicate, HasSubstr(R"("origin":"ledger.example.org/music")"));
  EXPECT_THAT(opened->statement.predicate, HasSubstr(R"("project":"music")"));
}

TEST(SequencerTest, ARolledBackTransactionLeavesNoEntry) {
  TestLedger ledger(":memory:", TestLedger::Begin::kEmpty);
  EXPECT_THAT(ledger.store().Transact([&](Transaction& transaction) {
    const OwnEntry entry = CoordinatorEnrolled(ledger.log_key().verifier(), ledger.entry_key().verifier());
    EXPECT_THAT(ledger.sequencer().AppendOwn(transaction, entry.kind, entry.subjects, entry.predicate),
                IsOk());
    return absl::AbortedError("changed my mind");
  }),
              StatusIs(absl::StatusCode::kAborted, ::testing::_));
  EXPECT_EQ(ledger.Size(), 0u);
  const OwnEntry first = CoordinatorEnrolled(ledger.log_key().verifier(), ledger.entry_key().verifier());
  EXPECT_EQ(ledger.Append(first).index, 0u);
}

TEST(SequencerTest, ASealCoversAllEntriesAndSealingAgainReturnsTheSameNote) {
  TestLedger ledger;
  for (int i = 0; i < 5; ++i) ledger.Append(absl::StrCat("entry-", i));
  const auto sealed = ledger.sequencer().Seal();
  ASSERT_THAT(sealed, IsOk());
  const ledger::Checkpoint checkpoint = Open(ledger, *sealed);
  EXPECT_EQ(checkpoint.origin, "ledger.example.org/music");
  EXPECT_EQ(checkpoint.size, TestLedger::kFounded + 5);
  EXPECT_EQ(ViewOf(checkpoint.root), sealed->root);
  EXPECT_EQ(ledger.sequencer().Seal()->note, sealed->note);
}

TEST(SequencerTest, TheTimerSealsOnceWithinTheDelayOfTheFirstEntry) {
  TestLedger ledger;
  ledger.sequencer().SealEvery(absl::Seconds(10));
  ledger.Append("a");
  ledger.executor().Advance(absl::Seconds(9));
  ledger.Append("b");
  const auto latest = [&] {
    std::optional<CheckpointRow> row;
    EXPECT_THAT(ledger.store().Transact([&](Transaction& transaction) {
      row = transaction.LatestCheckpoint().value();
      return absl::OkStatus();
    }),
                IsOk());
    return row;
  };
  EXPECT_FALSE(latest().has_value());
  ledger.executor().Advance(absl::Seconds(1));
  ASSERT_TRUE(latest().has_value());
  EXPECT_EQ(latest()->size, TestLedger::kFounded + 2);
}

TEST(SequencerTest, EveryInclusionProofVerifiesForEverySize) {
  TestLedger ledger;
  constexpr uint64_t kSizes = 9;
  std::vector<Digest> leaves;
  for (uint64_t index = 0; index < TestLedger::kFounded; ++index) {
    leaves.push_back(ledger.sequencer().rules().tree().Subtree(0, index).value());
  }
  for (uint64_t size = TestLedger::kFounded + 1; size <= kSizes; ++size) {
    leaves.push_back(DigestOfStored(ledger.Append(absl::StrCat("entry-", size)).leaf_hash).value());
    const ledger::Checkpoint checkpoint = Open(ledger, *ledger.sequencer().Seal());
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = ledger.sequencer().InclusionProof(index, size);
      ASSERT_THAT(proof, IsOk());
      EXPECT_THAT(ledger::VerifyInclusion(leaves[index], index, size, Digests(*proof), checkpoint.root),
                  IsOk());
    }
  }
}

TEST(SequencerTest, EveryConsistencyProofVerifies) {
  TestLedger ledger;
  std::vector<ledger::Checkpoint> checkpoints = {{"", 0, ledger::EmptyRoot()}};
  for (int size = 1; size <= 9; ++size) {
    ledger.Append(absl::StrCat("entry-", size));
    checkpoints.push_back(Open(ledger, *ledger.sequencer().Seal()));
  }
  for (const auto& older : checkpoints) {
    for (const auto& newer : checkpoints) {
      if (older.size > newer.size) continue;
      const auto proof = ledger.sequencer().ConsistencyProof(older.size, newer.size);
      ASSERT_THAT(proof, IsOk());
      EXPECT_THAT(ledger::VerifyConsistency(older.size, older.root, newer.size, newer.root, Digests(*proof)),
                  IsOk());
    }
  }
}

TEST(SequencerTest, ProofsOutsideTheLedgerAreRefused) {
  TestLedger ledger;
  ledger.Append("a");
  EXPECT_THAT(ledger.sequencer().InclusionProof(0, 5), StatusIs(absl::StatusCode::kOutOfRange, ::testing::_));
  EXPECT_THAT(ledger.sequencer().InclusionProof(4, 4),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(ledger.sequencer().ConsistencyProof(4, 5),
              StatusIs(absl::StatusCode::kOutOfRange, ::testing::_));
}

TEST(SequencerTest, AReceiptNamesIndexAndLeafHashUnderTheEntryKey) {
  TestLedger ledger;
  const Appended appended = ledger.Append("a");
  const auto receipt = ledger.sequencer().Receipt(appended);
  ASSERT_THAT(receipt, IsOk());
  const auto opened = ledger::OpenEntry(*receipt, {ledger.entry_key().verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->statement.kind, ledger::Kind::kReceipt);
  EXPECT_EQ(opened->statement.predicate,
            absl::StrCat(R"({"index":3,"leaf_hash":")", HexEncode(appended.leaf_hash),
                         R"(","origin":"ledger.example.org/music","project":"music"})"));
}

TEST(SequencerTest, AnArchivesEntriesAreAppendedInTheirOrder) {
  TestLedger ledger;
  EXPECT_THAT(ledger.Offer(ledger.ArchiveEntry(1)), IsOk());
  EXPECT_THAT(ledger.Offer(ledger.ArchiveEntry(2)), IsOk());
  EXPECT_EQ(ledger.Size(), TestLedger::kFounded + 2);
}

TEST(SequencerTest, ARepeatedEntryIsAnsweredWithItsIndex) {
  TestLedger ledger;
  ledger.Append("a");
  const std::string envelope = ledger.ArchiveEntry(1);
  ASSERT_THAT(ledger.Offer(envelope), IsOk());
  const auto again = ledger.Offer(envelope);
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("index 4")));
  EXPECT_TRUE(absl::EndsWith(again.status().message(), "index 4"));
  EXPECT_EQ(ledger.Size(), TestLedger::kFounded + 2);
}

// One refusal: what it is called, the envelope, the status.
struct Refusal {
  const char* name;
  std::function<std::string(TestLedger&)> envelope;
  absl::StatusCode code;
};

class SequencerRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(SequencerRefusalTest, LeavesTheLedgerUnchanged) {
  TestLedger ledger;
  ASSERT_THAT(ledger.Offer(ledger.ArchiveEntry(1)), IsOk());
  EXPECT_THAT(ledger.Offer(GetParam().envelope(ledger)), StatusIs(GetParam().code, ::testing::_));
  EXPECT_EQ(ledger.Size(), TestLedger::kFounded + 1);
  EXPECT_THAT(ledger.Offer(ledger.ArchiveEntry(2)), IsOk());
}

INSTANTIATE_TEST_SUITE_P(
    Refusals, SequencerRefusalTest,
    ::testing::Values(
        Refusal{"NodeSeqRepeated",
                [](TestLedger& l) {
                  return l.ArchiveEntry(1, {{"round", 2}});
                },
                absl::StatusCode::kFailedPrecondition},
        Refusal{"NodeSeqWithAGap", [](TestLedger& l) { return l.ArchiveEntry(3); },
                absl::StatusCode::kFailedPrecondition},
        Refusal{"NodeSeqNegative", [](TestLedger& l) { return l.ArchiveEntry(-2); },
                absl::StatusCode::kInvalidArgument},
        Refusal{"ForeignOrigin",
                [](TestLedger& l) {
                  return l.ArchiveEntry(2, {{"origin", "ledger.example.net/music"}});
                },
                absl::StatusCode::kInvalidArgument},
        Refusal{"ForeignProject",
                [](TestLedger& l) {
                  return l.ArchiveEntry(2, {{"project", "speech"}});
                },
                absl::StatusCode::kInvalidArgument},
        Refusal{"AnotherArchivesName",
                [](TestLedger& l) {
                  return l.ArchiveEntry(2, {{"archive", "archive-uk-2"}});
                },
                absl::StatusCode::kInvalidArgument},
        Refusal{"AnotherArchivesKey",
                [](TestLedger& l) {
                  return l.ArchiveEntry(2, nlohmann::json::object(),
                                        TestKey("archive-uk-2.example.org/entries", 9));
                },
                absl::StatusCode::kUnauthenticated},
        Refusal{"HeadThatWasNeverSigned",
                [](TestLedger& l) {
                  return l.ArchiveEntry(2, {{"prev_head", {{"size", 1}, {"root", std::string(64, 'b')}}}});
                },
                absl::StatusCode::kFailedPrecondition},
        Refusal{"EmptyHeadWithAnotherRoot",
                [](TestLedger& l) {
                  return l.ArchiveEntry(2, {{"prev_head", {{"size", 0}, {"root", std::string(64, 'b')}}}});
                },
                absl::StatusCode::kFailedPrecondition},
        Refusal{"NoHead",
                [](TestLedger& l) {
                  return l.ArchiveEntry(2, {{"prev_head", 7}});
                },
                absl::StatusCode::kInvalidArgument},
        Refusal{"NotAnEnvelope", [](TestLedger&) { return std::string("{}"); },
                absl::StatusCode::kInvalidArgument},
        Refusal{"AnotherKind",
                [](TestLedger& l) {
                  return ledger::SealEntry(ledger::Kind::kEvaluation, {{"model", Sha256Hex("p")}},
                                           {{"archive", "archive-uk-1"}}, {&l.archive_key()})
                      .value();
                },
                absl::StatusCode::kInvalidArgument},
        Refusal{"TooLong", [](TestLedger&) { return std::string(ledger::kMaxEntryBytes + 1, 'x'); },
                absl::StatusCode::kResourceExhausted}),
    [](const auto& info) { return info.param.name; });

TEST(SequencerTest, AnEntryAgainstTheRulesIsNoLeafAndItsNumberIsFree) {
  TestLedger ledger;
  const std::string unknown_job = ledger.ArchiveEntry(1, {{"job_id", std::string(32, 'd')}});
  EXPECT_THAT(ledger.Offer(unknown_job),
              StatusIs(absl::StatusCode::kFailedPrecondition, ::testing::StartsWith("against-rules: ")));
  EXPECT_EQ(ledger.Size(), TestLedger::kFounded);
  EXPECT_THAT(ledger.Offer(ledger.ArchiveEntry(1)), IsOk());
}

TEST(SequencerTest, AnEntryOfOurOwnAgainstTheRulesIsNoLeafEither) {
  TestLedger ledger;
  const OwnEntry again = CoordinatorEnrolled(ledger.log_key().verifier(), ledger.entry_key().verifier());
  EXPECT_THAT(ledger.store().Transact([&](Transaction& transaction) {
    EXPECT_THAT(ledger.sequencer().AppendOwn(transaction, again.kind, again.subjects, again.predicate),
                StatusIs(absl::StatusCode::kFailedPrecondition, ::testing::StartsWith("against-rules: ")));
    return absl::OkStatus();  // whoever goes on after that does so with rules and rows in step
  }),
              IsOk());
  EXPECT_EQ(ledger.Append("next").index, TestLedger::kFounded);
}

TEST(SequencerTest, WhatWasRolledBackIsForgottenByTheRulesToo) {
  TestLedger ledger;
  const std::string envelope = ledger.ArchiveEntry(1);
  EXPECT_THAT(ledger.store().Transact([&](Transaction& transaction) {
    EXPECT_THAT(ledger.sequencer().AppendFromArchive(transaction, ledger::Kind::kApproval, "archive-uk-1",
                                                     ledger.archive_key().verifier(), envelope),
                IsOk());
    return absl::AbortedError("changed my mind");
  }),
              StatusIs(absl::StatusCode::kAborted, ::testing::_));
  EXPECT_EQ(ledger.sequencer().rules().tree().size(), TestLedger::kFounded);
  EXPECT_THAT(ledger.Offer(envelope), IsOk());
}

TEST(SequencerTest, OnHoldNothingIsSignedAndTheTimerGoesOnAfterwards) {
  TestLedger ledger;
  ledger.sequencer().SealEvery(absl::Seconds(10));
  ledger.sequencer().SetHold(Sequencer::Hold::kSigning, "asking-witnesses: archive-uk-1");
  EXPECT_THAT(ledger.sequencer().Seal(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("asking-witnesses: archive-uk-1")));
  ledger.Append("a");
  ledger.executor().Advance(absl::Seconds(60));
  uint64_t sealed = 0;
  ledger.sequencer().OnSealed([&sealed](const CheckpointRow& row) { sealed = row.size; });
  ledger.sequencer().SetHold(Sequencer::Hold::kNone, "");
  ledger.executor().Advance(absl::Seconds(10));
  EXPECT_EQ(sealed, TestLedger::kFounded + 1);
}

TEST(SequencerTest, OnFullHoldNothingIsAppendedEither) {
  TestLedger ledger;
  ledger.sequencer().SetHold(Sequencer::Hold::kEverything, "rolled-back: size 9");
  EXPECT_THAT(ledger.Offer(ledger.ArchiveEntry(1)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("rolled-back: size 9")));
  EXPECT_EQ(ledger.Size(), TestLedger::kFounded);
}

TEST(SequencerTest, WhoAskedIsToldOfEveryEntryOnceItIsDurable) {
  TestLedger ledger;
  std::vector<std::pair<ledger::Kind, uint64_t>> told;
  ledger.sequencer().OnAppended([&](ledger::Kind kind, uint64_t index) { told.emplace_back(kind, index); });
  ledger.Append("a");
  ledger.Offer(ledger.ArchiveEntry(7)).IgnoreError();  // refused
  ledger.Offer(ledger.ArchiveEntry(1)).IgnoreError();
  ledger.executor().RunUntilIdle();
  EXPECT_THAT(told, ::testing::ElementsAre(std::pair(ledger::Kind::kDecision, TestLedger::kFounded),
                                           std::pair(ledger::Kind::kApproval, TestLedger::kFounded + 1)));
}

TEST(SequencerTest, AKeyThatTheLedgerDoesNotNameSignsNoCheckpoint) {
  testing::TemporaryDirectory directory;
  const std::string path = directory.Path("consort.db");
  TestLedger(path).Append("a");
  auto store = SqliteStore::Open(path).value();
  TestLedger keys;
  const SigningKey other = TestKey(keys.identity().origin, 9);
  auto sequencer = Sequencer::Open(*store, keys.identity(), other, keys.entry_key(), keys.executor()).value();
  EXPECT_THAT(sequencer->Seal(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in force")));
  sequencer->AlsoSignWith(keys.log_key());
  const auto sealed = sequencer->Seal();
  ASSERT_THAT(sealed, IsOk());
  EXPECT_THAT(ledger::OpenCheckpoint(sealed->note, {keys.log_key().verifier()}), IsOk());
}

TEST(SequencerTest, AHeadThatWeSignedIsAccepted) {
  TestLedger ledger;
  ledger.Append("a");
  const CheckpointRow sealed = ledger.sequencer().Seal().value();
  EXPECT_THAT(ledger.Offer(ledger.ArchiveEntry(
                  1, {{"prev_head", {{"size", sealed.size}, {"root", HexEncode(sealed.root)}}}})),
              IsOk());
}

TEST(SequencerTest, AHeadNeverGoesBack) {
  TestLedger ledger;
  ledger.Append("a");
  const CheckpointRow first = ledger.sequencer().Seal().value();
  ledger.Append("b");
  const CheckpointRow second = ledger.sequencer().Seal().value();
  const auto head = [](const CheckpointRow& row) {
    return nlohmann::json{{"prev_head", {{"size", row.size}, {"root", HexEncode(row.root)}}}};
  };
  ASSERT_THAT(ledger.Offer(ledger.ArchiveEntry(1, head(second))), IsOk());
  EXPECT_THAT(ledger.Offer(ledger.ArchiveEntry(2, head(first))),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("goes back")));
  EXPECT_THAT(ledger.Offer(ledger.ArchiveEntry(2, head(second))), IsOk());
}

TEST(SequencerTest, TheLogKeyMustBeNamedAfterTheOrigin) {
  TestLedger ledger;
  const SigningKey other = TestKey("ledger.example.org/other", 1);
  EXPECT_THAT(Sequencer::Open(ledger.store(), ledger.identity(), other, ledger.entry_key(), ledger.executor())
                  .status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("ledger.example.org/other")));
}

}  // namespace
}  // namespace consort::coordinator
