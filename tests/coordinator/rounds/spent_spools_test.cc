#include "coordinator/rounds/spent_spools.h"

#include <filesystem>

#include "gtest/gtest.h"
#include "tests/support/simulated_executor.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

class InlineRunner : public BlockingRunner {
 public:
  void Run(Work work) override { work(); }
};

class SpentSpoolsTest : public ::testing::Test {
 protected:
  std::string Spool(const std::string& name) {
    testing::WriteFileOrDie(directory_.Path(name), "update");
    return directory_.Path(name);
  }
  bool Empty() const { return std::filesystem::is_empty(directory_.path()); }

  testing::TemporaryDirectory directory_;
  testing::SimulatedExecutor executor_;
  InlineRunner runner_;
  SpentSpools spools_{executor_, runner_};
};

TEST_F(SpentSpoolsTest, FilesStayUntilTheyAreAskedToGo) {
  spools_.Add({Spool("a"), Spool("b")});
  EXPECT_FALSE(Empty());
  spools_.Remove();
  EXPECT_TRUE(Empty());
}

TEST_F(SpentSpoolsTest, FilesGoTenSecondsAfterTheLastOnesCame) {
  spools_.Add({Spool("a")});
  executor_.Advance(absl::Seconds(6));
  spools_.Add({Spool("b")});
  executor_.Advance(absl::Seconds(9));
  EXPECT_FALSE(Empty());
  executor_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Empty());
}

TEST_F(SpentSpoolsTest, AFileThatIsGoneAlreadyDoesNotKeepTheOthers) {
  spools_.Add({directory_.Path("none"), Spool("b")});
  spools_.Remove();
  EXPECT_TRUE(Empty());
}

}  // namespace
}  // namespace consort::coordinator
