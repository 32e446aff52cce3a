// Takes a new key of this archive into use: asks the ledger for it, and signs with it once it is there.
#ifndef CONSORT_NODE_DAEMON_OWN_ROTATION_H_
#define CONSORT_NODE_DAEMON_OWN_ROTATION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/signing_key.h"
#include "node/daemon/entry_outlet.h"
#include "node/daemon/parts.h"
#include "node/daemon/witnessing.h"

namespace consort::node {

// Which entry key signs now: the one that was taken into use last, else the one that the ledger has in force,
// else the first. `keyid_in_force`: empty if the mirror does not name it yet. Precondition: `keys` not empty.
const SigningKey& EntryKeyInUse(const std::vector<const SigningKey*>& keys,
                                const std::string& state_directory, const std::string& keyid_in_force);

// Owned by the daemon's executor; everything is borrowed.
class OwnRotation {
 public:
  OwnRotation(const DaemonSettings& settings, DaemonParts& parts, EntryOutlet& outlet,
              const Witnessing& witnessing)
      : settings_(settings), parts_(parts), outlet_(outlet), witnessing_(witnessing) {}

  // A session is up and every entry gets its answer: a key that the ledger does not name yet is asked for,
  // one after the other, byte for byte the same again if it was asked before.
  void Ask();

 private:
  void AskFor(const std::string& purpose, const SigningKey& old_key, const SigningKey& new_key);
  void TakeIntoUse(const SigningKey& key);

  const DaemonSettings& settings_;
  DaemonParts& parts_;
  EntryOutlet& outlet_;
  const Witnessing& witnessing_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_OWN_ROTATION_H_
