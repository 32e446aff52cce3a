#include "common/sync/thread_executor.h"

#include <future>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace consort {
namespace {

using ::testing::ElementsAre;

TEST(ThreadExecutorTest, RunsWorkInTheOrderItWasPosted) {
  std::vector<int> order;
  {
    ThreadExecutor executor;
    for (int i = 0; i < 5; ++i) executor.Post([&order, i] { order.push_back(i); });
  }  // destruction finishes what was posted
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST(ThreadExecutorTest, RunsWorkFromManyThreadsOneAtATime) {
  int counter = 0;  // unguarded on purpose: only the executor touches it
  {
    ThreadExecutor executor;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) executor.Post([&counter] { ++counter; });
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(counter, 4000);
}

TEST(ThreadExecutorTest, RunsTimersInTheOrderOfTheirMoments) {
  std::vector<int> order;
  std::promise<void> done;
  ThreadExecutor executor;
  executor.PostAfter(absl::Milliseconds(30), [&] {
    order.push_back(2);
    done.set_value();
  });
  executor.PostAfter(absl::Milliseconds(5), [&] { order.push_back(1); });
  done.get_future().wait();
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(ThreadExecutorTest, TimerCancelledOnTheExecutorDoesNotRun) {
  bool ran = false;
  ThreadExecutor executor;
  std::promise<void> cancelled;
  executor.Post([&] {
    executor.Cancel(executor.PostAfter(absl::ZeroDuration(), [&] { ran = true; }));
    executor.Post([&] { cancelled.set_value(); });
  });
  cancelled.get_future().wait();
  executor.Stop();
  EXPECT_FALSE(ran);
}

TEST(ThreadExecutorTest, StopDropsTimersAndLaterPosts) {
  bool ran = false;
  ThreadExecutor executor;
  executor.PostAfter(absl::Hours(1), [&] { ran = true; });
  executor.Stop();
  executor.Post([&] { ran = true; });
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace consort
