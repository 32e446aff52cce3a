// A job's closing report from the ledger in the store.
#ifndef CONSORT_COORDINATOR_APP_REPORT_SOURCE_H_
#define CONSORT_COORDINATOR_APP_REPORT_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// On the control executor. Errors: NotFound for an unknown job; as RenderJobReport.
absl::StatusOr<std::string> ReportOf(const std::string& job_id, Store& store, const Sequencer& sequencer);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_REPORT_SOURCE_H_
