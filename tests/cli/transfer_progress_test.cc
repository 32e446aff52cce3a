#include "cli/transfer_progress.h"

#include "gmock/gmock.h"

namespace consort::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TransferProgressTest, RateCountsOnlyWhatThisRunMoved) {
  // By hand: 2 of 8 MB were there before; 2 MB in 4 s leave 4 MB at 500 kB/s.
  EXPECT_THAT(TransferProgressBar::Line("model", 4000000, 8000000, 2000000, absl::Seconds(4), 120),
              HasSubstr("4.00 MB of 8.00 MB, 500 kB/s, 8 s left"));
}

TEST(TransferProgressTest, NoRateBeforeThereIsOne) {
  EXPECT_THAT(TransferProgressBar::Line("model", 1, 8000000, 1, absl::Milliseconds(10), 120),
              Not(HasSubstr("/s")));
}

TEST(TransferProgressTest, AnEmptyFileIsComplete) {
  EXPECT_THAT(TransferProgressBar::Line("empty", 0, 0, 0, absl::ZeroDuration(), 120), Not(HasSubstr("░")));
}

}  // namespace
}  // namespace consort::cli
