// Ctrl-C ends the demo at any moment: exit code 130, and no process stays.
#include <signal.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {
namespace {

using ::testing::IsEmpty;

constexpr absl::Duration kMomentLimit = absl::Seconds(120);
constexpr absl::Duration kEndLimit = absl::Seconds(60);
constexpr int kRateHz = 44100;
constexpr double kSeconds = 4;

// The output of the demo after which it is interrupted.
class DemoInterruptTest : public ::testing::TestWithParam<const char*> {
 protected:
  DemoInterruptTest() {
    uint64_t seed = 1;
    for (const char* folder : {"recordings/a/folk", "recordings/b/opera"}) {
      std::filesystem::create_directories(directory_.Path(folder));
      for (int i = 0; i < 4; ++i) {
        trainer::testing::WriteSound(directory_.Path(absl::StrCat(folder, "/", i, ".wav")),
                                     trainer::testing::Pluck(seed++, kSeconds, kRateHz), kRateHz);
      }
    }
  }

  TemporaryDirectory directory_;
};

TEST_P(DemoInterruptTest, LeavesNoProcessBehindAndExitsWith130) {
  const std::string mark = "CONSORT_DEMO_DIR=" + directory_.Path("demo");
  Process demo({{CONSORT_SOURCE_DIR "/deploy/demo/run", "--recordings", directory_.Path("recordings")},
                {{"CONSORT_DEMO_DIR", directory_.Path("demo")}, {"CONSORT_BIN", CONSORT_BIN_DIR}}});
  ASSERT_TRUE(demo.WaitForOutput(GetParam(), kMomentLimit)) << demo.Output();
  demo.SignalGroup(SIGINT);
  EXPECT_EQ(demo.Wait(kEndLimit), 130) << demo.Output();
  EXPECT_THAT(ProcessesMarked(mark), IsEmpty()) << demo.Output();
}

INSTANTIATE_TEST_SUITE_P(AtEachMoment, DemoInterruptTest,
                         ::testing::Values("-- coordinator: certificates", "-- archive-1: enrolled",
                                           /* submitted, offered, recruiting: */ "-- job ",
                                           "round 1 archive-1 training"));

}  // namespace
}  // namespace consort::testing
