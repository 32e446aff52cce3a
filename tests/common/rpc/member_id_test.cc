#include "common/rpc/member_id.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::Not;
using testing::StatusIs;

TEST(MemberIdTest, SpiffeIdNamesFederationRoleAndMember) {
  const MemberId id{"example.org", v1::ROLE_ARCHIVE, "archive-cn-2"};
  EXPECT_EQ(id.ToSpiffeId(), "spiffe://example.org/archive/archive-cn-2");
  EXPECT_THAT(ParseSpiffeId("spiffe://example.org/archive/archive-cn-2"), IsOkAndHolds(id));
}

TEST(MemberIdTest, AnythingElseIsNotAMember) {
  for (const char* bad :
       {"", "spiffe://example.org", "spiffe://example.org/coordinator", "example.org/archive/a",
        "spiffe://example.org/archive/", "spiffe://example.org/archive/a/b",
        "spiffe://example.org/archivist/a", "spiffe://example.org/archive/A", "spiffe:///archive/a",
        "spiffe://example.org/archive/-a"}) {
    EXPECT_THAT(ParseSpiffeId(bad), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_)) << bad;
  }
}

TEST(MemberIdTest, NamesAreShortAndPlain) {
  EXPECT_THAT(CheckMemberName(std::string(40, 'a')), IsOk());
  EXPECT_THAT(CheckMemberName(std::string(41, 'a')), Not(IsOk()));
  EXPECT_THAT(CheckMemberName("a_b"), Not(IsOk()));
  EXPECT_THAT(CheckMemberName("a\n"), Not(IsOk()));
  EXPECT_THAT(CheckFederationName("example.org"), IsOk());
  EXPECT_THAT(CheckFederationName("example.org."), Not(IsOk()));
  EXPECT_THAT(CheckFederationName("Example"), Not(IsOk()));
}

TEST(MemberIdTest, EveryRoleHasAWord) {
  for (const v1::Role role : {v1::ROLE_ARCHIVE, v1::ROLE_RESEARCHER, v1::ROLE_AUDITOR, v1::ROLE_OPERATOR}) {
    EXPECT_THAT(RoleFromWord(RoleWord(role)), IsOkAndHolds(role));
  }
  EXPECT_EQ(RoleWord(v1::ROLE_UNSPECIFIED), "");
  EXPECT_THAT(RoleFromWord(""), Not(IsOk()));
}

}  // namespace
}  // namespace consort
