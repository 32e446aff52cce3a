// The policy in force is what the ledger's newest policy-change says; this keeps it what it should be.
#ifndef CONSORT_COORDINATOR_WITNESS_POLICY_KEEPER_H_
#define CONSORT_COORDINATOR_WITNESS_POLICY_KEEPER_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/ledger/sequencer.h"

namespace consort::coordinator {

// What [ledger] in the configuration says about witnesses.
struct PolicyConfig {
  std::string text;           // C2SP tlog-policy of the federation's own; empty: a majority of its archives
  std::optional<int> faulty;  // witnesses that may be dishonest; none: floor((n - 1) / 3)
};

// Owned by the control executor.
class PolicyKeeper {
 public:
  PolicyKeeper(Store& store, Sequencer& sequencer, Executor& executor, PolicyConfig config);  // borrowed

  // Appends a policy-change if the policy that should be in force is not, and again after each entry that
  // changes keys, sealing at once. Once, after the sequencer was opened. While no archive is enrolled there
  // is nothing to ask for and no entry. Errors: PermissionDenied, naming two quorums, if the policy would
  // leave the log room for two histories; or if no quorum of it could be reached by enrolled archives, which
  // are all that can be asked here; InvalidArgument for a text that is no policy; those of the store.
  absl::Status Start();

  // Told of a policy that can no longer be brought into force while the coordinator runs.
  void OnTrouble(std::function<void(const absl::Status&)> trouble) { trouble_ = std::move(trouble); }

 private:
  struct Wanted {
    std::string text;
    int faulty = 0;
    std::string basis;
  };
  // Nothing: there is no archive to witness.
  absl::StatusOr<std::optional<Wanted>> WantedPolicy() const;
  absl::Status Update();

  Store& store_;
  Sequencer& sequencer_;
  Executor& executor_;
  const PolicyConfig config_;
  std::function<void(const absl::Status&)> trouble_ = [](const absl::Status&) {};
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_WITNESS_POLICY_KEEPER_H_
