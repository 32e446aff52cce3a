// This archive's whole copy of the ledger: every entry, checked, in the files of an export.
#ifndef CONSORT_NODE_WITNESS_MIRROR_H_
#define CONSORT_NODE_WITNESS_MIRROR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export.h"
#include "common/ledger/follower.h"
#include "node/witness/entry_source.h"

namespace consort::node {

// The folder is an export byte for byte (docs/formats/ledger.md), so that auditors, the coordinator's restore
// and independent verifiers read it as it is. Memory: what the follower keeps, and one batch of entries. Not
// thread-safe: owned by the witness.
class Mirror {
 public:
  // Entries of one batch that are held in memory between checking and writing; of a larger one they are
  // fetched again for writing, and checked again.
  static constexpr size_t kMaxHeldBytes = 64 << 20;

  // Reads what is kept, 25 us an entry. `directory` is made if missing. Errors: DataLoss if the files are not
  // what their checkpoint signs: a mirror is a copy, put it aside and fetch it anew; the disk's.
  static absl::StatusOr<std::unique_ptr<Mirror>> Open(const std::string& directory,
                                                      ledger::Follower::Trust trust);

  // Takes the entries that are missing up to `size`, each with its signature and the rules of state. Nothing
  // is stored yet: Store or Rewind follows. Errors: DataLoss for an entry that does not belong there, which
  // is then `refused_entry`; Unauthenticated if they do not name the pinned keys: another ledger;
  // Unimplemented for an entry of a later kind: this program is too old; Unavailable if the source failed, or
  // gave fewer or more entries; those of Look.
  absl::Status Fetch(uint64_t size, EntrySource& source);
  // Writes what was fetched, and `note` of that size, which a log key signed and whose root was compared.
  // Synced when it returns. Errors: as WriteExport, and what is published stays as it was.
  absl::Status Store(absl::string_view note, EntrySource& source);
  // Forgets what was fetched and not stored. Errors: as Open.
  absl::Status Rewind();

  // Adds cosignatures to the kept note of that size; a size or text that is not kept is left alone. Errors:
  // as ledger::WithSignatures; as Store.
  absl::Status AddSignatures(absl::string_view note, EntrySource& source);

  const ledger::Follower& follower() const { return *follower_; }  // with what was fetched
  uint64_t stored_size() const { return stored_size_; }
  const std::string& note() const { return note_; }  // newest stored; empty before the first
  uint64_t refused_index() const { return refused_index_; }
  const std::string& refused_entry() const { return refused_entry_; }

  // Called with each entry that Fetch has taken; its error ends the fetch. Set once.
  using Look = std::function<absl::Status(uint64_t index, absl::string_view envelope)>;
  void OnEntry(Look look) { look_ = std::move(look); }

 private:
  Mirror(std::string directory, ledger::Follower::Trust trust)
      : directory_(std::move(directory)), trust_(std::move(trust)) {}
  absl::Status Load();
  absl::Status Write(std::vector<std::string> notes, uint64_t size, EntrySource& source);
  void JudgeNewest();
  absl::Status TakeNext(absl::string_view envelope, uint64_t size);
  absl::Status ReadBatch(uint64_t start, uint64_t end, EntrySource& source, const EntrySource::Take& take);

  const std::string directory_;
  const ledger::Follower::Trust trust_;
  Look look_;
  std::unique_ptr<ledger::Follower> follower_;
  uint64_t stored_size_ = 0;
  uint64_t witnessed_size_ = 0;  // as far as this process has seen a quorum
  std::string note_;
  std::vector<std::string> held_;  // entries from stored_size_ on; empty if they are too large to be held
  size_t held_bytes_ = 0;
  uint64_t refused_index_ = 0;
  std::string refused_entry_;
};

// keys/* of an export whose entries `follower` has taken.
ledger::ExportKeys ExportKeysOf(const ledger::Follower& follower);

}  // namespace consort::node

#endif  // CONSORT_NODE_WITNESS_MIRROR_H_
