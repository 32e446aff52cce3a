#include "node/daemon/backoff.h"

#include "gtest/gtest.h"

namespace consort::node {
namespace {

TEST(BackoffTest, BoundDoublesFromOneSecondToThirty) {
  Backoff backoff([] { return 1.0; });  // the bound itself
  for (const int seconds : {1, 2, 4, 8, 16, 30, 30}) EXPECT_EQ(backoff.Next(), absl::Seconds(seconds));
}

TEST(BackoffTest, JitterIsFull) {
  Backoff backoff([] { return 0.0; });
  EXPECT_EQ(backoff.Next(), absl::ZeroDuration());
}

TEST(BackoffTest, SuccessStartsOver) {
  Backoff backoff([] { return 1.0; });
  backoff.Next();
  backoff.Next();
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), absl::Seconds(1));
}

TEST(BackoffTest, RefusalWaitsLong) {
  Backoff backoff([] { return 1.0; });
  backoff.Slow();
  EXPECT_EQ(backoff.Next(), absl::Seconds(30));
}

}  // namespace
}  // namespace consort::node
