#include "coordinator/requests/staff_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/crypto/digest.h"
#include "common/status/macros.h"
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

class Nowhere : public NodeGateway {
 public:
  void Send(absl::string_view, v1::Envelope envelope) override { sent.push_back(std::move(envelope)); }
  bool Connected(absl::string_view) const override { return true; }
  void Disconnect(absl::string_view, absl::string_view) override {}
  std::vector<v1::Envelope> sent;
};

class StaffEntriesTest : public ::testing::Test {
 protected:
  // A withdrawal of the contribution at `leaf`, signed by `signer`.
  std::string Withdrawal(uint64_t leaf, const SigningKey& signer, char id = 'a') {
    std::string hash;
    EXPECT_THAT(federation_.store().Transact([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const LeafRow row, transaction.GetLeaf(leaf));
      hash = HexEncode(row.hash);
      return absl::OkStatus();
    }),
                IsOk());
    const nlohmann::json predicate = {{"origin", federation_.sequencer().identity().origin},
                                      {"project", "music"},
                                      {"archive", uk_.name()},
                                      {"prev_head", {{"size", 0}, {"root", HexOf(ledger::EmptyRoot())}}},
                                      {"withdrawal_id", std::string(32, id)},
                                      {"contribution", leaf},
                                      {"leaf_hash", hash},
                                      {"reason", "consent-withdrawn"},
                                      {"effect", "no-further-use"}};
    return ledger::SealEntry(ledger::Kind::kWithdrawal, {{"contribution", hash}}, predicate, {&signer})
        .value();
  }
  absl::StatusOr<Appended> Take(const std::string& entry) {
    return StaffEntries(federation_.store(), federation_.sequencer(), nowhere_).Take(uk_.name(), entry);
  }
  // Leaves of archive-uk-1's contributions, in order.
  std::vector<uint64_t> Contributions() {
    std::vector<uint64_t> leaves;
    EXPECT_THAT(federation_.store().Transact([&](Transaction& transaction) {
      return transaction.ReadLeaves(0, transaction.LedgerSize().value(), [&](const LeafRow& leaf) {
        if (leaf.kind == "contribution" && leaf.signer == uk_.entries().verifier().KeyId())
          leaves.push_back(leaf.index);
        return absl::OkStatus();
      });
    }),
                IsOk());
    return leaves;
  }

  Federation federation_;
  FakeArchive& uk_ = federation_.AddArchive("archive-uk-1", "harp");
  FakeArchive& cn_ = federation_.AddArchive("archive-cn-1", "dizi");
  Nowhere nowhere_;
};

TEST_F(StaffEntriesTest, AWithdrawnContributionMarksEveryModelThatHoldsIt) {
  federation_.Start();
  const std::string job_id = federation_.Submit(federation_.Spec());  // two rounds
  const std::vector<uint64_t> leaves = Contributions();
  ASSERT_THAT(leaves, SizeIs(2));
  ASSERT_THAT(Take(Withdrawal(leaves[1], uk_.approval())), IsOk());
  const auto models = federation_.engine().ListModels(job_id).value();
  ASSERT_THAT(models, SizeIs(3));  // base, round 1, round 2
  EXPECT_THAT(models[0].marks(), IsEmpty());
  EXPECT_THAT(models[1].marks(), IsEmpty());
  EXPECT_THAT(models[2].marks(), ElementsAre("withdrawn-contribution: leaf " + std::to_string(leaves[1])));
  ASSERT_THAT(Take(Withdrawal(leaves[0], uk_.approval(), 'b')), IsOk());
  EXPECT_THAT(federation_.engine().ListModels(job_id)->at(1).marks(), SizeIs(1));
  EXPECT_THAT(federation_.engine().ListModels(job_id)->at(2).marks(), SizeIs(2));
  // And after a restart.
  federation_.Restart();
  EXPECT_THAT(federation_.engine().ListModels(job_id)->at(2).marks(), SizeIs(2));
}

TEST_F(StaffEntriesTest, AContributionThatIsWithdrawnBeforeTheAggregationIsNoPartOfTheSum) {
  cn_.faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  FakeArchive& third = federation_.AddArchive("archive-cn-2", "folk");
  federation_.Start();
  v1::JobSpec spec = federation_.Spec();
  spec.set_rounds(1);
  spec.set_quorum(1);
  const std::string job_id = federation_.Submit(spec);
  ASSERT_THAT(Contributions(), SizeIs(1));
  ASSERT_THAT(Take(Withdrawal(Contributions()[0], uk_.approval())), IsOk());
  cn_.faults.ignore = nullptr;
  federation_.Reconnect("archive-cn-1");
  federation_.Run();
  ASSERT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_COMPLETED) << federation_.Job(job_id).reason();
  const nlohmann::json aggregation = federation_.Entries("aggregation").at(0);
  EXPECT_THAT(aggregation["contributions"], SizeIs(2));
  EXPECT_EQ(aggregation["absent"][0]["archive"], "archive-uk-1");
  EXPECT_EQ(third.verdicts.size(), 1u);
}

TEST_F(StaffEntriesTest, ARefusedOneLeavesNoTraceAndSaysWhy) {
  federation_.Start();
  v1::JobSpec spec = federation_.Spec();
  spec.set_rounds(1);
  federation_.Submit(spec);
  const uint64_t leaf = Contributions()[0];
  // By the entry key; by another archive's staff; of a leaf that is no contribution; twice.
  EXPECT_FALSE(Take(Withdrawal(leaf, uk_.entries())).ok());
  EXPECT_FALSE(Take(Withdrawal(leaf, cn_.approval())).ok());
  EXPECT_THAT(Take(Withdrawal(0, uk_.approval())),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no contribution")));
  EXPECT_THAT(federation_.Entries("withdrawal"), IsEmpty());
  ASSERT_THAT(Take(Withdrawal(leaf, uk_.approval())), IsOk());
  EXPECT_THAT(Take(Withdrawal(leaf, uk_.approval(), 'b')),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("withdrawn before")));
  EXPECT_THAT(federation_.Entries("withdrawal"), SizeIs(1));
}

TEST_F(StaffEntriesTest, EachIsAnsweredWithItsReceiptAlsoWhenItComesAgain) {
  federation_.Start();
  v1::JobSpec spec = federation_.Spec();
  spec.set_rounds(1);
  federation_.Submit(spec);
  v1::Envelope envelope;
  envelope.set_request_id("w");
  envelope.mutable_staff_entry()->set_envelope(Withdrawal(Contributions()[0], uk_.approval()));
  StaffEntries entries(federation_.store(), federation_.sequencer(), nowhere_);
  entries.OnMessage(uk_.name(), envelope);
  entries.OnMessage(uk_.name(), envelope);
  ASSERT_THAT(nowhere_.sent, SizeIs(2));
  EXPECT_TRUE(nowhere_.sent[0].entry_outcome().logged());
  EXPECT_EQ(nowhere_.sent[0].entry_outcome().node_seq(), 0u);
  EXPECT_EQ(nowhere_.sent[0].request_id(), "w");
  EXPECT_EQ(nowhere_.sent[0].SerializeAsString(), nowhere_.sent[1].SerializeAsString());
}

}  // namespace
}  // namespace consort::coordinator::testing
