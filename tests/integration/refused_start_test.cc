// Daemons that cannot start say what is in the way.
#include <signal.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"
#include "tests/support/loopback.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kArchive[] = "archive-uk-1";

class RefusedStartTest : public ::testing::Test {
 protected:
  RefusedStartTest() : federation_({.archives = {kArchive}}) {}
  Federation federation_;
};

TEST_F(RefusedStartTest, TakenMetricsPortOfANodeIsNamedAndExitsWith5) {
  const int listener = ListenOnLoopback();
  const std::string address = absl::StrCat("127.0.0.1:", PortOf(listener));
  federation_.SetEnvironment(kArchive, {{"CONSORT_METRICS_LISTEN", address}});
  const Finished run = federation_.RunNode(kArchive);
  close(listener);
  EXPECT_EQ(run.exit_code, 5) << run.output;
  EXPECT_THAT(run.output, AllOf(HasSubstr("set another [metrics] listen"), HasSubstr(address)));
}

TEST_F(RefusedStartTest, JournalOfANewerNodeIsRefusedAndLeftAlone) {
  federation_.StartNode(kArchive);
  federation_.node(kArchive).Signal(SIGTERM);
  ASSERT_EQ(federation_.node(kArchive).Wait(absl::Seconds(30)), 0);
  const std::string path = federation_.Path("archive-uk-1/node/state/egress.journal");
  const std::string rows = ReadFileOrDie(path);
  ASSERT_THAT(rows, HasSubstr("\"type\":"));
  const std::string newer = "{\"added-later\":1," + rows.substr(1);
  WriteFileOrDie(path, newer);
  const Finished run = federation_.RunNode(kArchive);
  EXPECT_EQ(run.exit_code, 6) << run.output;
  EXPECT_THAT(run.output, AllOf(HasSubstr("egress journal"), HasSubstr("newer consort-node")));
  EXPECT_EQ(ReadFileOrDie(path), newer);
}

}  // namespace
}  // namespace consort::testing
