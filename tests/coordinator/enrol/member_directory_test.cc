#include "coordinator/enrol/member_directory.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

MemberRow Row(bool revoked, int64_t enrolled = 1000) {
  MemberRow row;
  row.role = v1::ROLE_ARCHIVE;
  row.name = "a";
  row.revoked = revoked;
  row.enrolled_unix_seconds = enrolled;
  return row;
}

PeerIdentity Peer(int64_t issued = 1000) {
  return {{"example.org", v1::ROLE_ARCHIVE, "a"}, "", absl::FromUnixSeconds(issued) - kCertificateBackdate};
}

TEST(MemberDirectoryTest, OnlyKnownMembersPass) {
  MemberDirectory directory;
  EXPECT_THAT(directory.Check(Peer()), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("unknown")));
  directory.Update(Row(false));
  EXPECT_THAT(directory.Check(Peer()), IsOk());
}

TEST(MemberDirectoryTest, ACertificateOlderThanTheEnrolmentIsRefused) {
  MemberDirectory directory;
  directory.Update(Row(false, 2000));
  EXPECT_THAT(directory.Check(Peer(1999)),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("revoked")));
  EXPECT_THAT(directory.Check(Peer(2000)), IsOk());
}

TEST(MemberDirectoryTest, WatchersAreToldOnceAndOnlyOfTheirMember) {
  MemberDirectory directory;
  directory.Update(Row(false));
  int told = 0;
  int others = 0;
  directory.Watch(v1::ROLE_ARCHIVE, "a", [&] { ++told; });
  directory.Watch(v1::ROLE_ARCHIVE, "b", [&] { ++others; });
  directory.Unwatch(directory.Watch(v1::ROLE_ARCHIVE, "a", [&] { ++others; }));
  directory.Update(Row(false));
  EXPECT_EQ(told, 0);
  directory.Update(Row(true));
  directory.Update(Row(true));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(others, 0);
}

TEST(MemberDirectoryTest, AWatcherThatComesTooLateIsToldAtOnce) {
  MemberDirectory directory;
  directory.Update(Row(true));
  int told = 0;
  directory.Watch(v1::ROLE_ARCHIVE, "a", [&] { ++told; });
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace consort::coordinator
