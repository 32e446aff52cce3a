// Signs this archive's ledger entries, gives each its node_seq and keeps every one.
#ifndef CONSORT_NODE_DAEMON_ENTRY_SIGNER_H_
#define CONSORT_NODE_DAEMON_ENTRY_SIGNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"

namespace consort::node {

// node_seq counts the entries of an archive without gaps, and the coordinator refuses any but the next. An
// entry is therefore signed when it is about to be sent, in the order of sending, and stored under its number
// before it leaves: number and entry become durable in one step, so no crash can leave a gap or use a number
// for two entries that both left. Not thread-safe: owned by the daemon's executor.
class EntrySigner {
 public:
  struct Identity {
    std::string archive;  // enrolled name
    std::string origin;
    std::string project;
  };

  // Entries lie in `directory`, one file a number. `key` is borrowed. Errors: the disk's.
  static absl::StatusOr<EntrySigner> Open(const std::string& directory, Identity identity,
                                          const SigningKey& key);

  // Adds origin, project, archive, node_seq and prev_head to `predicate` (a JSON object), signs, stores, and
  // returns the envelope. Errors: as SealEntry; the disk's (the number is then not used up).
  absl::StatusOr<std::string> Sign(ledger::Kind kind, const std::vector<ledger::Subject>& subjects,
                                   absl::string_view predicate, const ledger::Checkpoint& prev_head);

  // Whether a stored envelope may be sent again as it is: it still is what its number stands for, and it is
  // in the ledger or the next to go there. Claims the number in that case.
  bool Reuse(absl::string_view envelope);

  // The node_seq that an envelope names; 0 if it names none.
  static uint64_t NumberOf(absl::string_view envelope);

  // The ledger holds `node_seq` entries of ours and none of ours is on its way: the next one follows those.
  void Resume(uint64_t node_seq) { last_ = node_seq; }

  uint64_t last() const { return last_; }

  // Signs with `key`, which is borrowed, from here on. The numbers go on.
  void UseKey(const SigningKey& key) { key_ = &key; }
  const SigningKey& key() const { return *key_; }

 private:
  EntrySigner(std::string directory, Identity identity, const SigningKey& key)
      : directory_(std::move(directory)), identity_(std::move(identity)), key_(&key) {}

  std::string directory_;
  Identity identity_;
  const SigningKey* key_;
  uint64_t last_ = 0;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_ENTRY_SIGNER_H_
