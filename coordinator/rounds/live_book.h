// What the engine remembers of open work beside its rows: progress, the clock of stalls, uploads that are
// complete. Everything here is told again by nodes, or read from spools, after a restart.
#ifndef CONSORT_COORDINATOR_ROUNDS_LIVE_BOOK_H_
#define CONSORT_COORDINATOR_ROUNDS_LIVE_BOOK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "consort/v1/session.pb.h"
#include "coordinator/jobs/live_progress.h"

namespace consort::coordinator {

struct LiveTask {
  std::string archive;
  std::string job_id;
  std::string round_id;
  bool joins = false;            // recruiting: said yes
  absl::Duration last_progress;  // monotonic
  v1::TaskProgress told;         // the node's last word
  uint64_t bytes_received = 0;
  uint64_t bytes_total = 0;
  RateMeter rate;
  std::string trouble;                  // why the coordinator could not store the last bytes; empty: it can
  std::string spool_digest;             // of a complete spool; empty: not known
  std::optional<v1::Envelope> waiting;  // a contribution that came before the end of its payload
  bool checking = false;                // off the executor
};

// By task: participation id, or task id of an evaluation. At most one task for each archive in each open
// round.
class LiveBook {
 public:
  // Null if there is no such task.
  LiveTask* Find(absl::string_view id);
  const LiveTask* Find(absl::string_view id) const;
  // Begins a task, or returns the one that is there.
  LiveTask& Start(const std::string& id, const std::string& archive, const std::string& job_id,
                  const std::string& round_id, absl::Duration now);
  void ForgetRound(absl::string_view round_id);
  // Ids of an archive's tasks.
  std::vector<std::string> TasksOf(absl::string_view archive) const;

 private:
  std::map<std::string, LiveTask, std::less<>> tasks_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_LIVE_BOOK_H_
