// What can be wrong between an archive and its federation, one check a name.
#ifndef CONSORT_NODE_APP_DOCTOR_CHECKS_H_
#define CONSORT_NODE_APP_DOCTOR_CHECKS_H_

#include <vector>

#include "absl/time/time.h"
#include "node/app/check_list.h"
#include "node/app/node_config.h"

namespace consort::node {

// Runs every check that makes sense after the ones before it (no TLS without TCP). Needs the network; opens
// no recording: what the trainer knows of them comes through the daemon's control socket. Each step is
// bounded.
std::vector<CheckResult> RunChecks(const NodeConfig& config, absl::Time now);

// "PASS", "WARN", "FAIL".
const char* WordOf(CheckResult::Verdict verdict);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_DOCTOR_CHECKS_H_
