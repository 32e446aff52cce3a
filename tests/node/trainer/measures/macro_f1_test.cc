#include "node/trainer/measures/macro_f1.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(MacroF1Test, EachClassCountsTheSame) {
  // By hand: of harp 3 are found, 1 is missed and none is wrong: 6/7. Of dizi 1 is found and 1 is wrong: 2/3.
  const std::vector<std::string> truth = {"harp", "harp", "harp", "harp", "dizi"};
  const std::vector<std::string> predicted = {"harp", "harp", "harp", "dizi", "dizi"};
  const MacroF1 f1 = ComputeMacroF1(truth, predicted).value();
  EXPECT_THAT(f1.by_class, UnorderedElementsAre(Pair("harp", 6.0 / 7), Pair("dizi", 2.0 / 3)));
  EXPECT_DOUBLE_EQ(f1.value, (6.0 / 7 + 2.0 / 3) / 2);
  EXPECT_EQ(f1.items, 5);
}

TEST(MacroF1Test, AClassThatIsNeverFoundOrNeverTrueCountsZero) {
  const std::vector<std::string> truth = {"harp", "bell"};
  const std::vector<std::string> predicted = {"harp", "dizi"};
  const MacroF1 f1 = ComputeMacroF1(truth, predicted).value();
  EXPECT_THAT(f1.by_class, UnorderedElementsAre(Pair("harp", 1.0), Pair("bell", 0.0), Pair("dizi", 0.0)));
  EXPECT_DOUBLE_EQ(f1.value, 1.0 / 3);
}

TEST(MacroF1Test, NoItemsAndOtherLengthsAreRefused) {
  const std::vector<std::string> one = {"harp"}, none;
  EXPECT_THAT(ComputeMacroF1(none, none), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(ComputeMacroF1(one, none), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

}  // namespace
}  // namespace consort::trainer
