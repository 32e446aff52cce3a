#include "coordinator/store/group_commit.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace consort::coordinator {

void GroupCommit::Add(Work work, Done done) {
  waiting_.push_back({std::move(work), std::move(done), absl::OkStatus()});
  Post();
}

// Posted behind what is ready by now: messages that wait already add to the same group.
void GroupCommit::Post() {
  if (posted_) return;
  posted_ = true;
  executor_.Post([this, alive = std::weak_ptr<char>(alive_)] {
    if (alive.lock() != nullptr) Flush();
  });
}

void GroupCommit::Flush() {
  posted_ = false;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMaxGroup));
  std::vector<Item> group(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  if (!waiting_.empty()) Post();
  const absl::Status committed = store_.Transact([&group](Transaction& transaction) -> absl::Status {
    for (Item& item : group) {
      item.status = transaction.Nested([&] { return item.work(transaction); });
    }
    return absl::OkStatus();
  });
  for (const Item& item : group) item.done(committed.ok() ? item.status : committed);
}

}  // namespace consort::coordinator
