// The end of a coordinator that was asked to stop: no new round, open ones get a while, everything stays
// resumable.
#ifndef CONSORT_COORDINATOR_APP_DRAIN_H_
#define CONSORT_COORDINATOR_APP_DRAIN_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/executor.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Rounds that are neither closed nor abandoned. On the control executor.
absl::StatusOr<int> CountOpenRounds(Store& store);

// Waits until no round is open, at most `limit`; true if none is. Not on the control executor, where `store`
// is asked. Whatever is open afterwards is in the database and goes on with the next start.
bool WaitForOpenRounds(Executor& control, Store& store, absl::Duration limit);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_DRAIN_H_
