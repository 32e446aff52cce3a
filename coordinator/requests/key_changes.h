// Keys that change while the coordinator runs: an archive rotates one, an operator revokes one.
#ifndef CONSORT_COORDINATOR_REQUESTS_KEY_CHANGES_H_
#define CONSORT_COORDINATOR_REQUESTS_KEY_CHANGES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/rounds/node_gateway.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Owned by the control executor. As a listener it takes KeyRotations, and tells an archive with a new session
// which of the coordinator's keys are revoked.
class KeyChanges final : public NodeEvents {
 public:
  KeyChanges(Store& store, Sequencer& sequencer, NodeGateway& nodes)  // borrowed
      : store_(store), sequencer_(sequencer), nodes_(nodes) {}

  // Revokes one key and returns the leaf that says so; every archive that is connected is told at once, and
  // the log is sealed unless it is on hold. `reason`: lost-key, left, misbehaved, superseded. Errors:
  // InvalidArgument for a text that is no key or another reason; NotFound for a key that the ledger does not
  // know; FailedPrecondition ("against-rules") for one that is revoked already or cannot be spared: an
  // archive's entry key goes with its membership, the coordinator's last one is rotated first; Unavailable
  // (on hold); those of the store.
  absl::StatusOr<uint64_t> Revoke(absl::string_view vkey, absl::string_view reason);

  void OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) override;
  void OnSessionResumed(const std::string&) override {}
  void OnSessionGone(const std::string&) override {}
  void OnMessage(const std::string& archive, const v1::Envelope& envelope) override;

 private:
  absl::StatusOr<Appended> Rotate(const std::string& archive, const std::string& entry);
  void SendRevocation(const std::string& archive, const std::string& entry);

  Store& store_;
  Sequencer& sequencer_;
  NodeGateway& nodes_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_REQUESTS_KEY_CHANGES_H_
