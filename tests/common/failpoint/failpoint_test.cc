#include "common/failpoint/failpoint.h"

#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace consort {
namespace {

absl::Status Step(int& reached) {
  CONSORT_FAILPOINT("test.step");
  ++reached;
  return absl::OkStatus();
}

// The environment is read once a process, so each case has one of its own.
class FailpointDeathTest : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(FailpointDeathTest, NothingHappensUnlessTheEnvironmentNamesIt) {
  EXPECT_EXIT(
      {
        unsetenv("CONSORT_FAILPOINT");
        int reached = 0;
        for (int i = 0; i < 3; ++i) Step(reached).IgnoreError();
        std::_Exit(reached);
      },
      ::testing::ExitedWithCode(3), "");
}

TEST_F(FailpointDeathTest, KillsAtTheVisitThatWasAskedFor) {
  EXPECT_EXIT(
      {
        setenv("CONSORT_FAILPOINT", "test.step:2", 1);
        int reached = 0;
        Step(reached).IgnoreError();
        Step(reached).IgnoreError();
        std::_Exit(reached);
      },
      ::testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FailpointDeathTest, FailsOnceAtTheVisitThatWasAskedFor) {
  EXPECT_EXIT(
      {
        setenv("CONSORT_FAILPOINT", "test.step:2:error", 1);
        int reached = 0;
        int failed = 0;
        for (int i = 0; i < 4; ++i) failed += Step(reached).ok() ? 0 : 1;
        std::_Exit(10 * failed + reached);
      },
      ::testing::ExitedWithCode(13), "");
}

TEST_F(FailpointDeathTest, AMisspelledOneEndsTheProcessRatherThanLetATestPass) {
  EXPECT_EXIT(
      {
        setenv("CONSORT_FAILPOINT", "test.step", 1);
        int reached = 0;
        Step(reached).IgnoreError();
        std::_Exit(0);
      },
      ::testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace consort
