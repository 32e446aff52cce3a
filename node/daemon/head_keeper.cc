#include "node/daemon/head_keeper.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/note.h"
#include "common/status/macros.h"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

constexpr int kMaxProofHashes = 64;  // 2^63 leaves

std::string FolderOf(const std::string& directory) { return directory + "/checkpoints"; }

// The sizes of the checkpoints in the folder, growing.
absl::StatusOr<std::vector<uint64_t>> KeptSizes(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(FolderOf(directory)));
  std::vector<uint64_t> sizes;
  for (const std::string& name : names) {
    uint64_t size = 0;
    if (absl::SimpleAtoi(name, &size)) sizes.push_back(size);
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

absl::StatusOr<ledger::Checkpoint> OpenNote(absl::string_view note, absl::string_view origin,
                                            const std::vector<VerifierKey>& log_keys) {
  ASSIGN_OR_RETURN(ledger::OpenedCheckpoint opened, ledger::OpenCheckpoint(note, log_keys));
  if (opened.checkpoint.origin != origin) {
    return absl::InvalidArgumentError(absl::StrCat("ledger checkpoint is of another log: found ",
                                                   opened.checkpoint.origin, ", expected ", origin));
  }
  return opened.checkpoint;
}

}  // namespace

HeadKeeper::HeadKeeper(Parts parts) : parts_(std::move(parts)) {
  newest_.origin = parts_.origin;
  newest_.root = ledger::EmptyRoot();
}

std::string HeadKeeper::PathOf(uint64_t size) const {
  return absl::StrCat(FolderOf(parts_.directory), "/", size);
}

absl::StatusOr<HeadKeeper> HeadKeeper::Open(Parts parts) {
  HeadKeeper keeper(std::move(parts));
  RETURN_IF_ERROR(MakeDirectory(FolderOf(keeper.parts_.directory)));
  ASSIGN_OR_RETURN(const std::vector<uint64_t> sizes, KeptSizes(keeper.parts_.directory));
  if (sizes.empty()) return keeper;
  ASSIGN_OR_RETURN(std::string note, ReadStateFile(keeper.PathOf(sizes.back())));
  auto checkpoint = OpenNote(note, keeper.parts_.origin, keeper.parts_.log_keys);
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
  ASSIGN_OR_RETURN(ledger::Checkpoint checkpoint,
                   OpenNote(head.checkpoint(), parts_.origin, parts_.log_keys));
  if (checkpoint.size <= newest_.size) {
    RETURN_IF_ERROR(CheckOlder(checkpoint, head.checkpoint()));
  } else {
    RETURN_IF_ERROR(CheckNewer(checkpoint, head));
    RETURN_IF_ERROR(WriteFileDurably(PathOf(checkpoint.size), head.checkpoint()));
    newest_ = checkpoint;
    newest_note_ = head.checkpoint();
  }
  if (accepted_) accepted_(head.checkpoint());
  return checkpoint;
}

absl::Status HeadKeeper::CheckOlder(const ledger::Checkpoint& checkpoint, absl::string_view note) {
  if (checkpoint.size == 0 && newest_.size == 0 && checkpoint.root == newest_.root) return absl::OkStatus();
  const auto kept = ReadStateFile(PathOf(checkpoint.size));
  if (absl::IsNotFound(kept.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("ledger checkpoint is older than the newest proved one and was "
                     "never shown to this node: size ",
                     checkpoint.size, ", newest ", newest_.size));
  }
  RETURN_IF_ERROR(kept.status());
  ASSIGN_OR_RETURN(const ledger::Checkpoint known, ledger::ReadCheckpoint(*kept));  // opened when it was kept
  if (checkpoint.root == known.root) return KeepSignatures(checkpoint.size, *kept, note);
  return Inconsistent(absl::StrCat("two signed roots for size ", checkpoint.size), note, *kept);
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
                      head.checkpoint(), newest_note_);
}

// A signed note that contradicts another is evidence against its signer.
absl::Status HeadKeeper::Inconsistent(absl::string_view problem, absl::string_view theirs,
                                      absl::string_view ours) const {
  Evidence evidence = {{"theirs.note", std::string(theirs)}};
  if (!ours.empty()) evidence["ours.note"] = std::string(ours);
  const absl::Status kept = parts_.incidents.Raise(kIncidentFork, problem, evidence, parts_.now());
  return absl::DataLossError(absl::StrCat(
      "the ledger contradicts what it signed before; ",
      kept.ok() ? "both notes are kept, see consort-node incident list: " : "the notes could not be stored: ",
      problem));
}

// Cosignatures come after the checkpoint that they are of.
absl::Status HeadKeeper::KeepSignatures(uint64_t size, absl::string_view kept, absl::string_view note) {
  ASSIGN_OR_RETURN(const ledger::Note brought, ledger::ParseNote(note));
  std::vector<std::string> lines;
  for (const ledger::NoteSignature& signature : brought.signatures) lines.push_back(signature.Line());
  ASSIGN_OR_RETURN(const std::string grown, ledger::WithSignatures(kept, lines));
  if (grown == kept) return absl::OkStatus();
  RETURN_IF_ERROR(WriteFileDurably(PathOf(size), grown));
  if (size == newest_.size) newest_note_ = grown;
  return absl::OkStatus();
}

absl::Status HeadKeeper::SetBack(const std::string& note) {
  ledger::Checkpoint back{parts_.origin, 0, ledger::EmptyRoot()};
  if (!note.empty()) {
    ASSIGN_OR_RETURN(back, ledger::ReadCheckpoint(note));
  }
  const std::string aside = parts_.directory + "/set-aside";
  RETURN_IF_ERROR(MakeDirectory(aside));
  ASSIGN_OR_RETURN(const std::vector<uint64_t> sizes, KeptSizes(parts_.directory));
  for (const uint64_t size : sizes) {
    if (size < back.size) continue;
    const std::string name = absl::StrCat(aside, "/", size, "-", absl::ToUnixSeconds(parts_.now()));
    // Not a rename: on older kernels the sandbox lets no file move from one folder to another.
    ASSIGN_OR_RETURN(const std::string note_aside, ReadStateFile(PathOf(size)));
    RETURN_IF_ERROR(WriteFileDurably(name, note_aside));
    RETURN_IF_ERROR(RemoveAll(PathOf(size)));
  }
  if (!note.empty()) RETURN_IF_ERROR(WriteFileDurably(PathOf(back.size), note));
  newest_ = back;
  newest_note_ = note;
  return absl::OkStatus();
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
