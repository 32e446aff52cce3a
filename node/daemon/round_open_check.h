// Does a training task say what the sealed ledger says about its round?
#ifndef CONSORT_NODE_DAEMON_ROUND_OPEN_CHECK_H_
#define CONSORT_NODE_DAEMON_ROUND_OPEN_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/checkpoint.h"
#include "consort/v1/session.pb.h"
#include "consort/v1/trainer.pb.h"

namespace consort::node {

// What the archive got when it enrolled, and its own name.
struct LedgerTrust {
  std::string archive;
  std::string origin;
  std::string project;
  std::vector<VerifierKey> log_keys;  // in force as far as this node knows: pinned, then as the mirror says
  std::vector<VerifierKey> coordinator_entry_keys;
};

// Checks that the round-open entry of `task` is signed by the coordinator, lies in the tree of `head` (RFC
// 9162 2.1.3.2), and names the job, round, state, manifest and this archive with its weight exactly as the
// task does. `head` is the task's checkpoint, proved consistent. Errors: DataLoss, saying which member
// differs.
absl::Status CheckRoundOpen(const v1::TrainTask& task, const ledger::Checkpoint& head,
                            const LedgerTrust& trust);

// In what proportions the round-open entry of a task that was checked wants this archive's traditions trained
// on. Errors: DataLoss for an entry that lacks them.
absl::StatusOr<std::vector<v1::TraditionWeight>> TraditionsToTrain(const v1::TrainTask& task,
                                                                   const std::string& archive);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_ROUND_OPEN_CHECK_H_
