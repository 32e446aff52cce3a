// Does a training task say what the sealed ledger says about its round?
#ifndef CONSORT_NODE_DAEMON_ROUND_OPEN_CHECK_H_
#define CONSORT_NODE_DAEMON_ROUND_OPEN_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/checkpoint.h"
#include "consort/v1/session.pb.h"

namespace consort::node {

// What the archive got when it enrolled, and its own name.
struct LedgerTrust {
  std::string archive;
  std::string origin;
  std::string project;
  VerifierKey log_key;
  VerifierKey coordinator_entry_key;
};

// Checks that the round-open entry of `task` is signed by the coordinator, lies in the tree of `head` (RFC
// 9162 2.1.3.2), and names the job, round, state, manifest and this archive with its weight exactly as the
// task does. `head` is the task's checkpoint, proved consistent. Errors: DataLoss, saying which member
// differs.
absl::Status CheckRoundOpen(const v1::TrainTask& task, const ledger::Checkpoint& head,
                            const LedgerTrust& trust);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_ROUND_OPEN_CHECK_H_
