#include "common/rpc/invitation.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;

Invitation Example() {
  Invitation invitation;
  invitation.address = "coordinator.example.org:443";
  invitation.federation = "example.org";
  invitation.ca_fingerprint = std::string(64, 'a');
  invitation.token = "c2VjcmV0";
  invitation.role = v1::ROLE_ARCHIVE;
  invitation.name = "archive-uk-1";
  invitation.expires_unix_seconds = 1'800'000'000;
  return invitation;
}

std::string LineOf(absl::string_view json) {
  return absl::StrCat("consort-invite-1.", absl::WebSafeBase64Escape(json));
}

TEST(InvitationTest, IsOneLineOfPrefixAndBase64UrlJson) {
  const std::string line = FormatInvitation(Example());
  ASSERT_EQ(line.substr(0, 17), "consort-invite-1.");
  std::string json;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(line.substr(17), &json));
  // By hand, members in the order of a JSON object sorted by name.
  EXPECT_EQ(json, absl::StrCat(R"({"a":"coordinator.example.org:443","c":")", std::string(64, 'a'),
                               R"(","e":1800000000,"f":"example.org","n":"archive-uk-1","r":"archive",)",
                               R"("t":"c2VjcmV0"})"));
}

TEST(InvitationTest, WhatIsWrittenIsReadAndWhiteSpaceAroundItIsIgnored) {
  const auto invitation = ParseInvitation("  " + FormatInvitation(Example()) + "\r\n");
  ASSERT_THAT(invitation, IsOk());
  EXPECT_EQ(invitation->address, "coordinator.example.org:443");
  EXPECT_EQ(invitation->federation, "example.org");
  EXPECT_EQ(invitation->ca_fingerprint, std::string(64, 'a'));
  EXPECT_EQ(invitation->token, "c2VjcmV0");
  EXPECT_EQ(invitation->role, v1::ROLE_ARCHIVE);
  EXPECT_EQ(invitation->name, "archive-uk-1");
  EXPECT_EQ(invitation->expires_unix_seconds, 1'800'000'000);
}

TEST(InvitationTest, CutChangedAndForeignLinesAreRefusedWithoutRepeatingThem) {
  const std::string line = FormatInvitation(Example());
  for (const std::string& bad : {std::string(), std::string("hello"), line.substr(0, line.size() / 2),
                                 line + "!", LineOf("[]"), LineOf("{}"), std::string(5000, 'a')}) {
    const auto invitation = ParseInvitation(bad);
    EXPECT_THAT(invitation, StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("c2VjcmV0")))) << bad;
  }
}

TEST(InvitationTest, EachMemberIsChecked) {
  Invitation invitation = Example();
  invitation.name = "Archive 1";
  EXPECT_THAT(ParseInvitation(FormatInvitation(invitation)), Not(IsOk()));
  invitation = Example();
  invitation.ca_fingerprint = "abc";
  EXPECT_THAT(ParseInvitation(FormatInvitation(invitation)), Not(IsOk()));
  invitation = Example();
  invitation.role = v1::ROLE_UNSPECIFIED;
  EXPECT_THAT(ParseInvitation(FormatInvitation(invitation)), Not(IsOk()));
  invitation = Example();
  invitation.federation = "not/a/name";
  EXPECT_THAT(ParseInvitation(FormatInvitation(invitation)), Not(IsOk()));
}

TEST(InvitationTest, TokensAre256BitsAndDiffer) {
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(NewInvitationToken(), &bytes));
  EXPECT_EQ(bytes.size(), 32u);
  EXPECT_NE(NewInvitationToken(), NewInvitationToken());
}

}  // namespace
}  // namespace consort
