// What a writer of ledgers needs of the rules: claims that fit nothing are refused, and what a failed
// transaction fed is taken back.
#include <functional>
#include <random>

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
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

Draft With(Draft draft, const char* member, json value) {
  draft.predicate[member] = std::move(value);
  return draft;
}

struct Fed {
  OpenedEntry entry;
  Digest leaf_hash{};
};

Fed Sealed(const Draft& draft) {
  const std::string envelope = SealEntry(draft.kind, draft.subjects, draft.predicate, {draft.signer}).value();
  return {OpenEntry(envelope, {draft.signer->verifier()}).value(), LeafHash(envelope)};
}

// Rules with their tree, as a writer holds them: what is refused becomes no leaf.
struct Writer {
  absl::Status Feed(const Fed& fed, IdleClaims idle_claims) {
    const absl::Status status = rules.Feed(tree.size(), fed.entry, fed.leaf_hash, idle_claims);
    if (status.ok()) tree.Append(fed.leaf_hash);
    return status;
  }

  MemoryTree tree;
  Rules rules{consort::testing::kOrigin, tree};
};

// A ledger and a writer that has the same entries.
class RulesUndoTest : public ::testing::Test {
 protected:
  void AddAll(const std::vector<Draft>& drafts) {
    for (const Draft& draft : drafts) ASSERT_THAT(Add(draft, IdleClaims::kRefuse), IsOk());
  }
  void AddUntilRoundOpen() {
    AddAll({ledger_.EnrolCoordinator(), ledger_.EnrolArchive(kUk), ledger_.EnrolArchive(kCn), ledger_.Job()});
    AddAll({ledger_.Approval(kUk)});
    AddAll({ledger_.Approval(kCn)});
    AddAll({ledger_.Roster(), ledger_.RoundOpen()});
  }
  absl::Status Add(const Draft& draft, IdleClaims idle_claims) {
    const Fed fed = Sealed(draft);
    const absl::Status status = writer_.Feed(fed, idle_claims);
    if (!status.ok()) return status;
    fed_.push_back(fed);
    return ledger_.Add(draft);
  }
  // Feeds the first `count` entries to `fresh`.
  void Replay(size_t count, Writer& fresh) const {
    for (size_t i = 0; i < count; ++i) ASSERT_THAT(fresh.Feed(fed_[i], IdleClaims::kAllow), IsOk());
  }
  // What the writer says to a claim that it must refuse, having checked that it forgot it.
  absl::Status Refusal(const Draft& draft) {
    const absl::Status status = writer_.Feed(Sealed(draft), IdleClaims::kRefuse);
    Writer fresh;
    Replay(fed_.size(), fresh);
    EXPECT_TRUE(writer_.rules.SameState(fresh.rules));
    return status;
  }

  SampleLedger ledger_;
  SampleChanges changes_{ledger_};
  Writer writer_;
  std::vector<Fed> fed_;
};

// ---- claims that fit nothing

TEST_F(RulesUndoTest, ClaimAgainstTheStateIsRefusedAndChangesNothing) {
  AddUntilRoundOpen();
  EXPECT_THAT(Refusal(With(ledger_.Contribution(kUk), "round_id", SampleId("no round"))),
              StatusIs(kPrecondition, HasSubstr("no earlier round-open")));
  EXPECT_THAT(Refusal(With(ledger_.Contribution(kUk), "round", 2)),
              StatusIs(kInvalid, HasSubstr("another job or number")));
  EXPECT_THAT(Refusal(With(ledger_.Approval(kUk), "job_id", SampleId("no job"))),
              StatusIs(kPrecondition, HasSubstr("no earlier entry states")));
  EXPECT_THAT(Refusal(With(ledger_.Approval(kUk), "job_digest", SampleDigest("other"))),
              StatusIs(kInvalid, HasSubstr("another job file")));
  EXPECT_THAT(Refusal(ledger_.Evaluation(kUk)), StatusIs(kPrecondition, HasSubstr("did not make")));
  EXPECT_THAT(Refusal(With(changes_.Rotate(kUk, "entries"), "name", kCn)),
              StatusIs(kInvalid, HasSubstr("another member's key")));
  EXPECT_THAT(writer_.rules.idle_claims(), IsEmpty());
}

TEST_F(RulesUndoTest, ClaimWithoutAMemberThatItsKindNeedsIsRefused) {
  AddUntilRoundOpen();
  EXPECT_THAT(Refusal(With(ledger_.Contribution(kUk), "manifest_digest", nullptr)),
              StatusIs(kInvalid, HasSubstr("manifest_digest")));
  Draft draft = ledger_.Contribution(kUk);
  draft.subjects[0].sha256 = SampleDigest("other update");
  EXPECT_THAT(Refusal(draft), StatusIs(kInvalid, HasSubstr("subjects")));
}

TEST_F(RulesUndoTest, SecondContributionAndOneAfterTheAggregationAreRefused) {
  AddUntilRoundOpen();
  AddAll({ledger_.Contribution(kUk)});
  EXPECT_THAT(Refusal(ledger_.Contribution(kUk)), StatusIs(kPrecondition, HasSubstr("contributed")));
  AddAll({ledger_.Decision(kUk, 8)});
  Draft draft = With(ledger_.Aggregation({8}), "weight_total", 420);
  draft.predicate["absent"] = {{{"archive", kCn}, {"state", "late"}, {"reason", "late"}}};
  AddAll({draft});
  EXPECT_THAT(Refusal(ledger_.Contribution(kCn)), StatusIs(kPrecondition, HasSubstr("after its round's")));
}

TEST_F(RulesUndoTest, ContentThatItsRoundDoesNotWantIsLoggedAndItsDecisionMustRejectIt) {
  AddUntilRoundOpen();
  AddAll({With(ledger_.Contribution(kUk), "base_digest", SampleDigest("old state"))});
  EXPECT_THAT(Refusal(ledger_.Decision(kUk, 8)), StatusIs(kInvalid, HasSubstr("another base")));
  AddAll({With(With(ledger_.Decision(kUk, 8), "outcome", "rejected"), "reason", "wrong-base"),
          With(ledger_.Contribution(kCn), "weight", 3000)});
  EXPECT_THAT(Refusal(ledger_.Decision(kCn, 10)), StatusIs(kInvalid, HasSubstr("larger weight")));
  EXPECT_THAT(writer_.rules.idle_claims(), IsEmpty());
}

TEST_F(RulesUndoTest, NumberOfARefusedClaimIsFreeForTheNextOne) {
  AddUntilRoundOpen();
  EXPECT_THAT(Refusal(With(ledger_.Contribution(kUk), "round_id", SampleId("no round"))),
              StatusIs(kPrecondition, _));
  AddAll({ledger_.Contribution(kUk)});  // with the same node_seq
}

// ---- steps back

TEST_F(RulesUndoTest, WithoutKeepUndoThereIsNothingToTakeBack) {
  AddUntilRoundOpen();
  EXPECT_EQ(writer_.rules.Mark(), 0u);
}

TEST_F(RulesUndoTest, UndoTakesBackWhatAFailedTransactionFed) {
  AddUntilRoundOpen();
  writer_.rules.KeepUndo();
  const size_t mark = writer_.rules.Mark();
  AddAll({ledger_.Contribution(kUk)});
  AddAll({ledger_.Decision(kUk, 8)});
  writer_.rules.Undo(mark);
  writer_.tree.Truncate(8);
  Writer fresh;
  Replay(8, fresh);
  EXPECT_TRUE(writer_.rules.SameState(fresh.rules));
  EXPECT_EQ(writer_.tree.Root(8).value(), fresh.tree.Root(8).value());
}

TEST_F(RulesUndoTest, ForgottenStepsStay) {
  writer_.rules.KeepUndo();
  AddUntilRoundOpen();
  writer_.rules.ForgetUndo();
  EXPECT_EQ(writer_.rules.Mark(), 0u);
  writer_.rules.Undo(0);
  Writer fresh;
  Replay(8, fresh);
  EXPECT_TRUE(writer_.rules.SameState(fresh.rules));
}

// Whatever is fed, going back to any point is as if nothing had been fed since.
class RandomUndoTest : public RulesUndoTest, public ::testing::WithParamInterface<uint32_t> {
 protected:
  uint64_t Pick(uint64_t count) { return random_() % count; }
  const char* Someone() { return Pick(2) == 0 ? kUk : kCn; }

  Draft Any() {
    const std::vector<std::function<Draft()>> kinds = {
        [&] { return ledger_.Contribution(Someone()); },
        [&] { return ledger_.Decision(Someone(), Pick(ledger_.size())); },
        [&] { return With(ledger_.Decision(Someone(), Pick(ledger_.size())), "outcome", "rejected"); },
        [&] {
          return ledger_.Aggregation({8, 9});
        },
        [&] { return ledger_.Evaluation(Someone()); },
        [&] { return ledger_.Approval(Someone()); },
        [&] { return ledger_.ModelRelease(); },
        [&] { return ledger_.EnrolArchive(Someone()); },
        [&] { return changes_.RotateLog(); },
        [&] { return changes_.Rotate(kUk, Pick(2) == 0 ? "mirror" : "approval"); },
        [&] {
          return changes_.PolicyChange({ledger_.archive(kUk).mirror.verifier()},
                                       ledger_.log_key().verifier());
        },
        [&] { return changes_.Withdrawal(Someone(), Pick(ledger_.size())); },
        [&] { return changes_.Incident(); },
        [&] { return changes_.Resolution(Pick(ledger_.size())); },
        [&] { return changes_.Erasure(Pick(ledger_.size())); },
        [&] { return changes_.RevokeKey("coordinator", "log", ledger_.log_key().verifier()); },
        [&] { return With(ledger_.RoundOpen(), "later", static_cast<int>(random_() % 1000)); },
    };
    // After these few others are good any more.
    if (Pick(50) == 0) return Pick(2) == 0 ? changes_.RotateCoordinator() : ledger_.Revoke(Someone());
    Draft draft = kinds[Pick(kinds.size())]();
    if (Pick(8) == 0) draft.predicate["round"] = 2;
    if (Pick(8) == 0) draft.predicate["commitments"] = {{"report", SampleChanges::Commitment()}};
    return draft;
  }

  std::mt19937 random_{GetParam()};
};

TEST_P(RandomUndoTest, GoingBackIsAsIfNothingHadBeenFedSince) {
  SCOPED_TRACE(::testing::Message() << "seed " << GetParam());
  writer_.rules.KeepUndo();
  std::vector<size_t> marks = {writer_.rules.Mark()};
  const auto note = [&] {
    while (marks.size() <= fed_.size()) marks.push_back(writer_.rules.Mark());
  };
  for (const Draft& draft :
       {ledger_.EnrolCoordinator(), ledger_.EnrolArchive(kUk), ledger_.EnrolArchive(kCn), ledger_.Job(),
        ledger_.Approval(kUk), ledger_.Approval(kCn), ledger_.Roster(), ledger_.RoundOpen()}) {
    ASSERT_THAT(Add(draft, IdleClaims::kRefuse), IsOk());
    note();
  }
  for (int i = 0; i < 200; ++i) {
    (void)Add(Any(), Pick(2) == 0 ? IdleClaims::kAllow : IdleClaims::kRefuse);
    note();
  }
  ASSERT_GT(fed_.size(), 12u);
  Writer whole;
  Replay(fed_.size(), whole);
  EXPECT_TRUE(writer_.rules.SameState(whole.rules));
  for (size_t kept = fed_.size(); kept > 0; kept -= 1 + Pick(kept)) {
    writer_.rules.Undo(marks[kept]);
    writer_.tree.Truncate(kept);
    Writer fresh;
    Replay(kept, fresh);
    EXPECT_TRUE(writer_.rules.SameState(fresh.rules)) << kept << " of " << fed_.size();
    EXPECT_EQ(writer_.tree.Root(kept).value(), fresh.tree.Root(kept).value());
  }
  for (size_t i = writer_.tree.size(); i < fed_.size(); ++i)
    ASSERT_THAT(writer_.Feed(fed_[i], IdleClaims::kAllow), IsOk());
  EXPECT_TRUE(writer_.rules.SameState(whole.rules));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomUndoTest, ::testing::Range(1u, 9u));

TEST(MemoryTreeTest, TruncatedTreeIsTheTreeOfFewerLeaves) {
  for (uint64_t size = 0; size <= 40; ++size) {
    MemoryTree grown;
    MemoryTree fresh;
    for (uint64_t i = 0; i < 40; ++i) grown.Append(LeafHash(std::string(1, static_cast<char>(i))));
    for (uint64_t i = 0; i < size; ++i) fresh.Append(LeafHash(std::string(1, static_cast<char>(i))));
    grown.Truncate(size);
    EXPECT_EQ(grown.size(), size);
    EXPECT_EQ(grown.Root(size).value(), fresh.Root(size).value());
    grown.Append(LeafHash("next"));
    fresh.Append(LeafHash("next"));
    EXPECT_EQ(grown.Root(size + 1).value(), fresh.Root(size + 1).value());
  }
}

}  // namespace
}  // namespace consort::ledger
