#include "common/trainer_client/trainer.h"
#include "gtest/gtest.h"

namespace consort {
namespace {

TEST(CancellationTest, CallbackRunsAtCancel) {
  Cancellation cancellation;
  int calls = 0;
  cancellation.OnCancel([&] { ++calls; });
  EXPECT_EQ(calls, 0);
  cancellation.Cancel();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(cancellation.cancelled());
}

TEST(CancellationTest, CallbackSetAfterCancelRunsAtOnce) {
  Cancellation cancellation;
  cancellation.Cancel();
  bool called = false;
  cancellation.OnCancel([&] { called = true; });
  EXPECT_TRUE(called);
}

TEST(CancellationTest, LastCallbackWins) {
  Cancellation cancellation;
  std::string called;
  cancellation.OnCancel([&] { called += "first"; });
  cancellation.OnCancel([&] { called += "second"; });
  cancellation.Cancel();
  EXPECT_EQ(called, "second");
}

TEST(CancellationTest, NullClearsTheCallback) {
  Cancellation cancellation;
  bool called = false;
  cancellation.OnCancel([&] { called = true; });
  cancellation.OnCancel(nullptr);
  cancellation.Cancel();
  EXPECT_FALSE(called);
}

TEST(CancellationTest, SecondCancelDoesNothing) {
  Cancellation cancellation;
  int calls = 0;
  cancellation.OnCancel([&] { ++calls; });
  cancellation.Cancel();
  cancellation.Cancel();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace consort
