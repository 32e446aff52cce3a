// The status of a job as people see it: rows and live progress in, one message out.
#ifndef CONSORT_COORDINATOR_JOBS_JOB_STATUS_H_
#define CONSORT_COORDINATOR_JOBS_JOB_STATUS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "consort/v1/job.pb.h"
#include "coordinator/jobs/job_rows.h"
#include "coordinator/jobs/live_progress.h"

namespace consort::coordinator {

// What rows do not hold. The engine implements it.
class LiveView {
 public:
  virtual ~LiveView() = default;
  virtual bool Connected(absl::string_view archive) const = 0;
  // Zeros for work that nobody has reported on. `id`: participation.
  virtual LiveProgress ProgressOf(absl::string_view participation_id) const = 0;
  // The results of a round's evaluation; empty while there are none.
  virtual std::vector<v1::TraditionResult> ResultsOf(const RoundRows& round) const = 0;
  // The archives whose cosignature over the leaf is missing before the model under it is released.
  virtual std::vector<std::string> MissingWitnesses(uint64_t index) const = 0;
};

// `now`: wall clock, as the rows' times are. A job whose model waits for its witnesses says so as its reason:
// "awaiting-witnesses: names".
v1::JobStatus BuildJobStatus(const JobRows& rows, const LiveView& live, absl::Time now);

// Seconds until the last round closes, from the rounds that have; before the first has, from the slowest
// archive's steps. 0 when unknown.
double EstimateSecondsLeft(const JobRows& rows, const LiveView& live, absl::Time now);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_JOBS_JOB_STATUS_H_
