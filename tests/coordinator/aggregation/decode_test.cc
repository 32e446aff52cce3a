#include "coordinator/aggregation/decode.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"

namespace consort::coordinator {
namespace {

using ::testing::ElementsAre;

TEST(DecodeDeltasTest, MultipliesAndRoundsOnce) {
  std::vector<float> values(4);
  DecodeDeltas({6, 3, -2, std::numeric_limits<int32_t>::min()}, 2.0 / 15, absl::MakeSpan(values));
  EXPECT_THAT(values, ElementsAre(0.8f, 0.4f, -4.0f / 15, static_cast<float>(-2147483648.0 * 2.0 / 15)));
}

TEST(DecodeDeltasTest, ReachesEveryCoordinateOfAnyLength) {
  for (size_t size = 0; size < 70; ++size) {
    const std::vector<int32_t> sum(size, 3);
    std::vector<float> values(size, -1);
    DecodeDeltas(sum, 0.5, absl::MakeSpan(values));
    EXPECT_THAT(values, ::testing::Each(1.5f));
  }
}

TEST(AllFiniteTest, FindsOneValueThatIsNot) {
  for (size_t place = 0; place < 50; ++place) {
    std::vector<float> values(50, std::numeric_limits<float>::max());
    EXPECT_TRUE(AllFinite(values));
    values[place] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(AllFinite(values));
    values[place] = -std::numeric_limits<float>::infinity();
    EXPECT_FALSE(AllFinite(values));
    values[place] = std::numeric_limits<float>::denorm_min();
    EXPECT_TRUE(AllFinite(values));
  }
  EXPECT_TRUE(AllFinite({}));
}

}  // namespace
}  // namespace consort::coordinator
