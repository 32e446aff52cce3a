// Judges the checkpoints of an export, and kept ones, against the entries that were read. Private to
// common/ledger.
#ifndef CONSORT_COMMON_LEDGER_NOTE_AUDIT_H_
#define CONSORT_COMMON_LEDGER_NOTE_AUDIT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/findings.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/note_keys.h"
#include "common/ledger/policy.h"

namespace consort::ledger {

// Everything is borrowed.
class NoteAudit {
 public:
  struct Subject {
    const std::string& directory;
    const Checkpoint& newest;  // as it says of itself
    const MemoryTree& tree;
    const NoteKeys& keys;
  };
  NoteAudit(const Subject& subject, Findings& findings) : subject_(subject), findings_(findings) {}

  // Check "checkpoint"; returns what to say of it when it holds.
  std::string CheckNewest(const std::string& note);
  // Check "consistency" of a note that must be a prefix; `name` stands in messages.
  bool CheckPrefix(const std::string& name, const std::string& note);
  // The same of every file of checkpoints/, by size; returns how many. Signatures of those below
  // `trusted_size` are not checked.
  size_t CheckPublished(uint64_t trusted_size);

  // The cosignatures that count on the checkpoint of `size`, with the lines that stand in
  // cosignatures/<size>. Errors: as OpenCheckpoint.
  absl::StatusOr<OpenedCheckpoint> OpenCosigned(const std::string& note, uint64_t size) const;
  // The largest checkpoint of the export that meets a policy; 0: none.
  uint64_t WitnessedSize(const Policy& policy, const ClockRule& clock) const;

 private:
  bool Inconsistent(const std::string& name, const std::string& why);
  bool CheckRoot(const std::string& name, const Checkpoint& old);
  std::vector<uint64_t> PublishedSizes() const;

  const Subject subject_;
  Findings& findings_;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_NOTE_AUDIT_H_
