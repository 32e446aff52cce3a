#include "coordinator/rpc/bulk_gate.h"

#include <vector>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::StatusIs;

class BulkGateTest : public ::testing::Test {
 protected:
  ~BulkGateTest() override { closing_ = true; }

  BulkGate::WaitId Enter(int name) {
    return gate_
        .Enter([this, name](BulkGate::Ticket ticket) {
          if (closing_) return;  // the ticket goes on to the next
          order_.push_back(name);
          inside_.push_back(std::move(ticket));
        })
        .value();
  }

  BulkGate gate_{2};
  bool closing_ = false;
  std::vector<int> order_;
  std::vector<BulkGate::Ticket> inside_;
};

TEST_F(BulkGateTest, AdmitsUpToItsPlacesAndThenInOrder) {
  for (int name = 1; name <= 4; ++name) Enter(name);
  EXPECT_THAT(order_, ElementsAre(1, 2));
  BulkGate::Ticket leaving = std::move(inside_[0]);
  leaving.reset();
  EXPECT_THAT(order_, ElementsAre(1, 2, 3));
  leaving = std::move(inside_[1]);
  leaving.reset();
  EXPECT_THAT(order_, ElementsAre(1, 2, 3, 4));
}

TEST_F(BulkGateTest, APlaceThatNobodyWaitsForIsFreeForTheNext) {
  Enter(1);
  inside_.clear();
  Enter(2);
  Enter(3);
  EXPECT_THAT(order_, ElementsAre(1, 2, 3));
}

TEST_F(BulkGateTest, WhoGivesUpWaitingIsPassedOver) {
  Enter(1);
  Enter(2);
  const BulkGate::WaitId waiting = Enter(3);
  Enter(4);
  gate_.Cancel(waiting);
  gate_.Cancel(waiting);
  BulkGate::Ticket leaving = std::move(inside_[0]);
  leaving.reset();
  EXPECT_THAT(order_, ElementsAre(1, 2, 4));
}

TEST_F(BulkGateTest, TheQueueIsBounded) {
  for (size_t i = 0; i < 2 + BulkGate::kMaxWaiting; ++i) Enter(0);
  EXPECT_THAT(gate_.Enter([](BulkGate::Ticket) {}).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::_));
}

}  // namespace
}  // namespace consort::coordinator
