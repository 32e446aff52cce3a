#include "coordinator/app/drain.h"

#include <chrono>
#include <future>
#include <memory>

#include "common/status/macros.h"
#include "coordinator/jobs/spec_words.h"

namespace consort::coordinator {
namespace {

constexpr absl::Duration kLookEvery = absl::Milliseconds(200);

// Looks again and again on the control executor until no round is open, then keeps the promise. Whoever waits
// no longer drops its reference, and the next look is the last.
void Look(Executor& control, Store& store, const std::weak_ptr<std::promise<void>>& idle) {
  const auto promise = idle.lock();
  if (promise == nullptr) return;
  const absl::StatusOr<int> open = CountOpenRounds(store);
  if (!open.ok() || *open == 0) return promise->set_value();
  control.PostAfter(kLookEvery, [&control, &store, idle] { Look(control, store, idle); });
}

}  // namespace

absl::StatusOr<int> CountOpenRounds(Store& store) {
  int open = 0;
  RETURN_IF_ERROR(store.Transact([&open](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, transaction.ListJobs());
    for (const JobRow& job : jobs) {
      if (Ended(job.state)) continue;
      ASSIGN_OR_RETURN(const std::vector<RoundRow> rounds, transaction.ListRounds(job.job_id));
      for (const RoundRow& round : rounds) {
        if (!Ended(round.state)) ++open;
      }
    }
    return absl::OkStatus();
  }));
  return open;
}

bool WaitForOpenRounds(Executor& control, Store& store, absl::Duration limit) {
  const auto idle = std::make_shared<std::promise<void>>();
  std::future<void> done = idle->get_future();
  control.Post([&control, &store, weak = std::weak_ptr(idle)] { Look(control, store, weak); });
  return done.wait_for(absl::ToChronoMilliseconds(limit)) == std::future_status::ready;
}

}  // namespace consort::coordinator
