#include "coordinator/enrol/ledger_keys.h"

#include "coordinator/ledger/live_rules.h"
#include "gtest/gtest.h"
#include "tests/coordinator/enrol/test_enrolment.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::TestEnrolment;

TEST(LedgerKeysTest, KeysStandInOrderOfEnrolmentAndRevokedOnesStay) {
  TestEnrolment test;
  test.Enrol(v1::ROLE_ARCHIVE, "archive-uk-1");
  const MemberRow first = test.enrolment().GetMember(v1::ROLE_ARCHIVE, "archive-uk-1").value();
  ASSERT_THAT(test.enrolment().Revoke(v1::ROLE_ARCHIVE, "archive-uk-1", "lost-key"), IsOk());
  test.Enrol(v1::ROLE_ARCHIVE, "archive-uk-1");
  const MemberRow second = test.enrolment().GetMember(v1::ROLE_ARCHIVE, "archive-uk-1").value();
  ledger::KeyBook book;
  ASSERT_THAT(test.ledger().store().Transact([&](Transaction& transaction) {
    book = ReadKeyBook(transaction).value();
    return absl::OkStatus();
  }),
              IsOk());
  const LedgerKeys keys = LedgerKeysOf(book);
  EXPECT_THAT(keys.log_vkeys, ElementsAre(test.ledger().log_key().verifier().ToString()));
  EXPECT_THAT(keys.entry_vkeys,
              ElementsAre(test.ledger().entry_key().verifier().ToString(), first.entries_vkey,
                          first.approval_vkey, second.entries_vkey, second.approval_vkey));
  EXPECT_THAT(keys.witness_vkeys, ElementsAre(first.mirror_vkey, second.mirror_vkey));
}

// What the leaves say and what the sequencer's rules have made of them is one thing.
TEST(LedgerKeysTest, TheBookOfTheLeavesIsTheOneOfTheRules) {
  TestEnrolment test;
  test.Enrol(v1::ROLE_ARCHIVE, "archive-uk-1");
  test.Enrol(v1::ROLE_ARCHIVE, "archive-cn-1");
  ASSERT_THAT(test.enrolment().Revoke(v1::ROLE_ARCHIVE, "archive-uk-1", "lost-key"), IsOk());
  ledger::KeyBook book;
  ASSERT_THAT(test.ledger().store().Transact([&](Transaction& transaction) {
    book = ReadKeyBook(transaction).value();
    return absl::OkStatus();
  }),
              IsOk());
  const ledger::KeyBook& live = test.ledger().sequencer().rules().keys();
  ASSERT_EQ(book.keys().size(), live.keys().size());
  for (size_t i = 0; i < live.keys().size(); ++i) {
    const ledger::KeyBook::Known& ours = book.keys()[i];
    const ledger::KeyBook::Known& theirs = live.keys()[i];
    EXPECT_EQ(std::make_tuple(ours.owner, ours.purpose, ours.key.ToString(), ours.from, ours.replaced,
                              ours.revoked),
              std::make_tuple(theirs.owner, theirs.purpose, theirs.key.ToString(), theirs.from,
                              theirs.replaced, theirs.revoked));
  }
}

TEST(LedgerKeysTest, ThePolicyNamesLogWitnessesAndAQuorum) {
  EXPECT_EQ(PolicyText("LOG", {"A", "B"}), "log LOG\nwitness w1 A\nwitness w2 B\nquorum none\n");
}

}  // namespace
}  // namespace consort::coordinator
