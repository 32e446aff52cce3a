#include "node/daemon/head_keeper.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/ledger/merkle_tree.h"
#include "common/status/macros.h"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

constexpr size_t kMaxNoteBytes = 64 * 1024;  // a note with a few cosignatures is 1 KiB
constexpr int kMaxProofHashes = 64;          // 2^63 leaves

std::string FolderOf(const std::string& directory) { return directory + "/checkpoints"; }
std::string PathOf(const std::string& directory, uint64_t size) {
  return absl::StrCat(FolderOf(directory), "/", size);
}

// The size of the newest checkpoint in the folder; 0 if there is none.
absl::StatusOr<uint64_t> NewestSize(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(FolderOf(directory)));
  uint64_t newest = 0;
  for (const std::string& name : names) {
    uint64_t size = 0;
    if (absl::SimpleAtoi(name, &size)) newest = std::max(newest, size);
  }
  return newest;
}

absl::StatusOr<ledger::Checkpoint> OpenNote(absl::string_view note, absl::string_view origin,
                                            const VerifierKey& log_key) {
  if (note.size() > kMaxNoteBytes)
    return absl::InvalidArgumentError("ledger checkpoint is too long to be one");
  ASSIGN_OR_RETURN(ledger::OpenedCheckpoint opened, ledger::OpenCheckpoint(note, {log_key}));
  if (opened.checkpoint.origin != origin) {
    return absl::InvalidArgumentError(absl::StrCat("ledger checkpoint is of another log: found ",
                                                   opened.checkpoint.origin, ", expected ", origin));
  }
  return opened.checkpoint;
}

}  // namespace

HeadKeeper::HeadKeeper(std::string directory, std::string origin, VerifierKey log_key)
    : directory_(std::move(directory)), origin_(std::move(origin)), log_key_(std::move(log_key)) {
  newest_.origin = origin_;
  newest_.root = ledger::EmptyRoot();
}

absl::StatusOr<HeadKeeper> HeadKeeper::Open(const std::string& directory, absl::string_view origin,
                                            const VerifierKey& log_key) {
  HeadKeeper keeper(directory, std::string(origin), log_key);
  RETURN_IF_ERROR(MakeDirectory(FolderOf(directory)));
  RETURN_IF_ERROR(MakeDirectory(directory + "/incidents"));
  ASSIGN_OR_RETURN(const uint64_t newest, NewestSize(directory));
  if (newest == 0) return keeper;
  ASSIGN_OR_RETURN(std::string note, ReadStateFile(PathOf(directory, newest)));
  auto checkpoint = OpenNote(note, origin, log_key);
  if (!checkpoint.ok()) {
    return absl::DataLossError(
        absl::StrCat("stored ledger checkpoint does not open; restore the state folder from a "
                     "backup: ",
                     checkpoint.status().message()));
  }
  keeper.newest_ = *std::move(checkpoint);
  keeper.newest_note_ = std::move(note);
  return keeper;
}

absl::StatusOr<ledger::Checkpoint> HeadKeeper::Accept(const v1::LedgerHead& head) {
  ASSIGN_OR_RETURN(ledger::Checkpoint checkpoint, OpenNote(head.checkpoint(), origin_, log_key_));
  if (checkpoint.size <= newest_.size) {
    RETURN_IF_ERROR(CheckOlder(checkpoint, head.checkpoint()));
    return checkpoint;
  }
  RETURN_IF_ERROR(CheckNewer(checkpoint, head));
  RETURN_IF_ERROR(WriteFileDurably(PathOf(directory_, checkpoint.size), head.checkpoint()));
  newest_ = checkpoint;
  newest_note_ = head.checkpoint();
  return checkpoint;
}

absl::Status HeadKeeper::CheckOlder(const ledger::Checkpoint& checkpoint, absl::string_view note) const {
  Digest root = newest_.root;
  if (checkpoint.size != newest_.size) {
    const auto kept = ReadStateFile(PathOf(directory_, checkpoint.size));
    if (absl::IsNotFound(kept.status())) {
      return absl::FailedPreconditionError(
          absl::StrCat("ledger checkpoint is older than the newest proved one and was "
                       "never shown to this node: size ",
                       checkpoint.size, ", newest ", newest_.size));
    }
    RETURN_IF_ERROR(kept.status());
    ASSIGN_OR_RETURN(const ledger::Checkpoint opened, OpenNote(*kept, origin_, log_key_));
    root = opened.root;
  }
  if (checkpoint.root == root) return absl::OkStatus();
  return Inconsistent(absl::StrCat("two signed roots for size ", checkpoint.size), note);
}

absl::Status HeadKeeper::CheckNewer(const ledger::Checkpoint& checkpoint, const v1::LedgerHead& head) const {
  if (newest_.size > 0 && head.proof_from_size() != newest_.size) {
    return absl::FailedPreconditionError(
        absl::StrCat("ledger proof does not start where this node stands: from size ", head.proof_from_size(),
                     ", newest ", newest_.size));
  }
  ASSIGN_OR_RETURN(const std::vector<Digest> proof, ProofOf(head.consistency_proof()));
  const absl::Status consistent =
      ledger::VerifyConsistency(newest_.size, newest_.root, checkpoint.size, checkpoint.root, proof);
  if (consistent.ok()) return consistent;
  return Inconsistent(absl::StrCat("size ", checkpoint.size, " does not extend size ", newest_.size, " (",
                                   consistent.message(), ")"),
                      head.checkpoint());
}

// Keeps the note beside ours: a signed note that contradicts another is evidence against its signer.
absl::Status HeadKeeper::Inconsistent(absl::string_view problem, absl::string_view note) const {
  RETURN_IF_ERROR(WriteFileDurably(
      absl::StrCat(directory_, "/incidents/", HexOf(Sha256Of(note)).substr(0, 16), ".note"), note));
  return absl::DataLossError(absl::StrCat(
      "the ledger contradicts what it signed before; keep both notes and ask the federation's operator: ",
      problem));
}

absl::StatusOr<std::vector<Digest>> ProofOf(const google::protobuf::RepeatedPtrField<std::string>& hashes) {
  if (hashes.size() > kMaxProofHashes)
    return absl::InvalidArgumentError("ledger proof is too long to be one");
  std::vector<Digest> proof;
  for (const std::string& hash : hashes) {
    Digest digest;
    if (hash.size() != digest.size())
      return absl::InvalidArgumentError("ledger proof holds a hash of a wrong length");
    std::copy(hash.begin(), hash.end(), digest.begin());
    proof.push_back(digest);
  }
  return proof;
}

}  // namespace consort::node
