// Entries that an archive's staff signed with the approval key: withdrawals and erasures.
#ifndef CONSORT_COORDINATOR_REQUESTS_STAFF_ENTRIES_H_
#define CONSORT_COORDINATOR_REQUESTS_STAFF_ENTRIES_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/rounds/node_gateway.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Owned by the control executor. Each StaffEntry is answered with its EntryOutcome.
class StaffEntries final : public NodeEvents {
 public:
  StaffEntries(Store& store, Sequencer& sequencer, NodeGateway& nodes)  // borrowed
      : store_(store), sequencer_(sequencer), nodes_(nodes) {}

  // Appends the entry, or finds it if it is a leaf already. A contribution that is withdrawn before its round
  // is aggregated is no part of the sum any more. Errors: as AppendArchiveEntry.
  absl::StatusOr<Appended> Take(const std::string& archive, const std::string& entry);

  void OnSessionStarted(const std::string&, const v1::NodeHello&) override {}
  void OnSessionResumed(const std::string&) override {}
  void OnSessionGone(const std::string&) override {}
  void OnMessage(const std::string& archive, const v1::Envelope& envelope) override;

 private:
  Store& store_;
  Sequencer& sequencer_;
  NodeGateway& nodes_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_REQUESTS_STAFF_ENTRIES_H_
