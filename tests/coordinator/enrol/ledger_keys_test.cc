#include "coordinator/enrol/ledger_keys.h"

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
  LedgerKeys keys;
  ASSERT_THAT(test.ledger().store().Transact([&](Transaction& transaction) {
    keys = ReadLedgerKeys(transaction).value();
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(keys.entry_vkeys, ElementsAre(test.ledger().entry_key().verifier().ToString(),
                                            first.entries_vkey, second.entries_vkey));
  EXPECT_THAT(keys.witness_vkeys, ElementsAre(first.mirror_vkey, second.mirror_vkey));
}

TEST(LedgerKeysTest, ThePolicyNamesLogWitnessesAndAQuorum) {
  EXPECT_EQ(PolicyText("LOG", {"A", "B"}), "log LOG\nwitness w1 A\nwitness w2 B\nquorum none\n");
}

}  // namespace
}  // namespace consort::coordinator
