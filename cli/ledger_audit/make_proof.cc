#include "cli/ledger_audit/make_proof.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/tlog_proof.h"
#include "common/ledger/verify.h"
#include "common/status/macros.h"

namespace consort::cli {

absl::StatusOr<MadeProof> MakeProof(const std::string& directory, uint64_t index, uint64_t size) {
  const std::string folder = directory + "/";
  const std::string name =
      size == 0 ? std::string(ledger::kCheckpointFile) : absl::StrCat(ledger::kCheckpointsFolder, "/", size);
  ASSIGN_OR_RETURN(const std::string note, ReadPublicFile(folder + name, ledger::kMaxNoteBytes));
  ASSIGN_OR_RETURN(const ledger::Checkpoint checkpoint, ledger::ReadCheckpoint(note));
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(folder + ledger::kPolicyFile, ledger::kMaxPolicyBytes));
  ASSIGN_OR_RETURN(const ledger::Policy policy, ledger::Policy::Parse(text));
  MadeProof made;
  ledger::MemoryTree tree;
  RETURN_IF_ERROR(ledger::ReadExportEntries(directory, [&](uint64_t at, absl::string_view envelope) {
    tree.Append(ledger::LeafHash(envelope));
    if (at == index) made.entry = std::string(envelope);
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const Digest root, tree.Root(checkpoint.size));
  if (root != checkpoint.root) {
    return absl::DataLossError(absl::StrCat(
        "the folder's entries do not hash to its checkpoint's root; run `consort ledger verify`: ", name));
  }
  ASSIGN_OR_RETURN(made.file, ledger::MakeTlogProof(index, note, policy, tree.Reader()));
  const auto judged = ledger::OpenJudged(note, policy, {});
  const bool witnessed =
      judged.ok() && !policy.asks_for_no_witness() && ledger::CheckWitnessed(judged->judgement).ok();
  if (witnessed) made.state = ledger::EntryState::kWitnessed;
  return made;
}

}  // namespace consort::cli
