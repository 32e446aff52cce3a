#include "coordinator/aggregation/ring_sum.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;

TEST(RingSumTest, AddsInTwosComplement) {
  RingSum sum = RingSum::Create(/*block_size=*/2, /*max_updates=*/2).value();
  ASSERT_THAT(sum.Add({5u, 0xFFFFFFFFu}), IsOk());  // 0xFFFFFFFF is -1
  ASSERT_THAT(sum.Add({0xFFFFFFFEu, 3u}), IsOk());  // 0xFFFFFFFE is -2
  // By hand: 5 - 2 and -1 + 3.
  EXPECT_THAT(sum.Sum().value(), ElementsAre(3, 2));
}

TEST(RingSumTest, RestartBeginsAnotherBlockFromZero) {
  RingSum sum = RingSum::Create(3, 2).value();
  ASSERT_THAT(sum.Add({1u, 2u, 3u}), IsOk());
  ASSERT_THAT(sum.Restart(2), IsOk());
  ASSERT_THAT(sum.Add({10u, 20u}), IsOk());
  EXPECT_THAT(sum.Sum().value(), ElementsAre(10, 20));
}

TEST(RingSumTest, RefusesSizesThatAreNotPositive) {
  EXPECT_THAT(RingSum::Create(0, 1), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(RingSum::Create(1, 0), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(RingSumTest, RejectedBlockLeavesTheSumUnchanged) {
  RingSum sum = RingSum::Create(2, 2).value();
  ASSERT_THAT(sum.Add({1u, 2u}), IsOk());
  EXPECT_THAT(sum.Add({1u}), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(sum.Add({1u, 2u, 3u}), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(sum.Restart(0), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(sum.Restart(3), StatusIs(absl::StatusCode::kInvalidArgument, _));
  ASSERT_THAT(sum.Add({1u, 2u}), IsOk());
  EXPECT_THAT(sum.Sum().value(), ElementsAre(2, 4));
}

TEST(RingSumTest, RefusesMoreUpdatesThanTheCohortBound) {
  RingSum sum = RingSum::Create(1, 1).value();
  ASSERT_THAT(sum.Add({1u}), IsOk());
  EXPECT_THAT(sum.Add({1u}), StatusIs(absl::StatusCode::kResourceExhausted, _));
  EXPECT_THAT(sum.Sum().value(), ElementsAre(1));
}

TEST(RingSumTest, HasNoSumBeforeTheFirstUpdate) {
  RingSum sum = RingSum::Create(1, 1).value();
  EXPECT_THAT(sum.Sum(), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  ASSERT_THAT(sum.Add({1u}), IsOk());
  ASSERT_THAT(sum.Restart(1), IsOk());
  EXPECT_THAT(sum.Sum(), StatusIs(absl::StatusCode::kFailedPrecondition, _));
}

RC_GTEST_PROP(RingSumTest, EqualsThePlainIntegerSumInAnyOrderAndBlockCut, ()) {
  const int64_t updates = *rc::gen::inRange<int64_t>(1, 9);
  const int64_t size = *rc::gen::inRange<int64_t>(1, 200);
  const int32_t limit = static_cast<int32_t>(INT32_MAX / updates);
  const auto payloads = *rc::gen::container<std::vector<std::vector<int32_t>>>(
      updates, rc::gen::container<std::vector<int32_t>>(size, rc::gen::inRange<int32_t>(-limit, limit)));
  const int64_t block = *rc::gen::inRange<int64_t>(1, size + 1);
  std::vector<size_t> order(updates);
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::rotate(order.begin(), order.begin() + *rc::gen::inRange<int64_t>(0, updates), order.end());

  std::vector<int64_t> plain(size);
  for (const std::vector<int32_t>& payload : payloads) {
    for (int64_t i = 0; i < size; ++i) plain[i] += payload[i];
  }
  RingSum sum = RingSum::Create(block, updates).value();
  for (int64_t begin = 0; begin < size; begin += block) {
    const int64_t count = std::min(block, size - begin);
    RC_ASSERT(sum.Restart(count).ok());
    for (const size_t update : order) {
      const auto* ring = reinterpret_cast<const uint32_t*>(payloads[update].data() + begin);
      RC_ASSERT(sum.Add(absl::MakeConstSpan(ring, count)).ok());
    }
    const absl::Span<const int32_t> found = sum.Sum().value();
    for (int64_t i = 0; i < count; ++i) RC_ASSERT(int64_t{found[i]} == plain[begin + i]);
  }
}

}  // namespace
}  // namespace consort::coordinator
