#include "common/architectures/layouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(LayoutsTest, NamedLayoutIsTheArchitectures) {
  const std::vector<NamedTensor> layout = LayoutOf("rave-v2").value();
  // 96 channels of 16 bands; seven taps.
  EXPECT_EQ(layout[0].name, "encoder.stem.weight");
  EXPECT_THAT(layout[0].shape, ElementsAre(96, 16, 7));
  EXPECT_EQ(layout[0].size(), 96 * 16 * 7);
}

TEST(LayoutsTest, UnknownNameIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(LayoutOf("rave-v3"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-architecture: "), HasSubstr("rave-v3"),
                             HasSubstr("attribute-vae, rave-tiny, rave-v2, rave-v2-small"))));
}

}  // namespace
}  // namespace consort
