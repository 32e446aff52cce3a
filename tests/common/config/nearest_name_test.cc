#include "common/config/nearest_name.h"

#include "gtest/gtest.h"

namespace consort {
namespace {

TEST(NearestNameTest, FindsTheNameWithFewestEdits) {
  EXPECT_EQ(NearestName("sokcet", {"config", "socket", "program"}), "socket");
}

TEST(NearestNameTest, GuessesNothingWhenNothingIsNear) {
  EXPECT_EQ(NearestName("colour", {"socket", "listen"}), "");
}

TEST(NearestNameTest, AllowsMoreEditsInLongerNames) {
  // "deadline_secnd" is 2 insertions from "deadline_seconds"; 4 are allowed for 14 letters.
  EXPECT_EQ(NearestName("dedline_secnd", {"grace_seconds", "deadline_seconds"}), "deadline_seconds");
}

}  // namespace
}  // namespace consort
