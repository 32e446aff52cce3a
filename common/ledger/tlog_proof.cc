#include "common/ledger/tlog_proof.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ledger/note.h"
#include "common/ledger/proof_lines.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr absl::string_view kHeader = "c2sp.org/tlog-proof@v1";

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("file is no tlog-proof: ", what));
}

}  // namespace

std::string FormatTlogProof(const TlogProof& proof) {
  std::string file = absl::StrCat(kHeader, "\n");
  if (!proof.extra.empty()) absl::StrAppend(&file, "extra ", Base64Encode(proof.extra), "\n");
  absl::StrAppend(&file, "index ", proof.index, "\n", SpellHashes(proof.hashes), "\n", proof.note);
  return file;
}

absl::StatusOr<TlogProof> ParseTlogProof(absl::string_view file) {
  if (file.size() > kMaxTlogProofBytes) return Malformed("it is too large");
  TlogProof proof;
  ASSIGN_OR_RETURN(absl::string_view line, TakeLine(file));
  if (line != kHeader) return Malformed(absl::StrCat("its first line must be ", kHeader));
  ASSIGN_OR_RETURN(line, TakeLine(file));
  if (absl::ConsumePrefix(&line, "extra ")) {
    ASSIGN_OR_RETURN(proof.extra, Base64Decode(line));
    if (proof.extra.empty()) return Malformed("its extra data are empty");
    ASSIGN_OR_RETURN(line, TakeLine(file));
  }
  if (!absl::ConsumePrefix(&line, "index ")) return Malformed("it does not name the index");
  ASSIGN_OR_RETURN(proof.index, ParseDecimal(line));
  std::vector<absl::string_view> hashes;
  for (;;) {
    ASSIGN_OR_RETURN(line, TakeLine(file));
    if (line.empty()) break;
    if (hashes.size() == kMaxProofHashes) return Malformed("its proof is too long");
    hashes.push_back(line);
  }
  ASSIGN_OR_RETURN(proof.hashes, ParseHashes(hashes));
  RETURN_IF_ERROR(ReadCheckpoint(file).status());
  proof.note = std::string(file);
  return proof;
}

absl::StatusOr<std::string> MakeTlogProof(uint64_t index, absl::string_view note, const Policy& policy,
                                          const SubtreeHash& subtree) {
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, ReadCheckpoint(note));
  TlogProof proof{.index = index};
  ASSIGN_OR_RETURN(proof.hashes, InclusionProof(index, checkpoint.size, subtree));
  ASSIGN_OR_RETURN(proof.note, QuorumNote(note, policy));
  return FormatTlogProof(proof);
}

absl::StatusOr<std::string> QuorumNote(absl::string_view note, const Policy& policy) {
  ASSIGN_OR_RETURN(Note parsed, ParseNote(note));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, ReadCheckpoint(note));
  std::set<std::string> present;
  const auto keyid = [](const NoteSignature& signature) {
    return absl::StrCat(signature.key_name, "+", HexEncode(signature.key_id));
  };
  for (const NoteSignature& signature : parsed.signatures) present.insert(keyid(signature));
  const std::set<std::string> needed = policy.SmallestQuorum(present);
  const auto is_spare = [&](const NoteSignature& signature) {
    return signature.key_name != checkpoint.origin && !needed.contains(keyid(signature));
  };
  parsed.signatures.erase(std::remove_if(parsed.signatures.begin(), parsed.signatures.end(), is_spare),
                          parsed.signatures.end());
  if (parsed.signatures.empty()) return Malformed("its checkpoint has no signature of the log's name");
  return SpellNote(parsed);
}

absl::StatusOr<CheckedTlogProof> CheckTlogProof(absl::string_view file, absl::string_view entry,
                                                const Policy& policy, const ClockRule& clock) {
  ASSIGN_OR_RETURN(const TlogProof proof, ParseTlogProof(file));
  CheckedTlogProof checked{proof.index, {}};
  ASSIGN_OR_RETURN(checked.checkpoint, OpenJudged(proof.note, policy, clock));
  const Checkpoint& checkpoint = checked.checkpoint.opened.checkpoint;
  RETURN_IF_ERROR(
      VerifyInclusion(LeafHash(entry), proof.index, checkpoint.size, proof.hashes, checkpoint.root));
  return checked;
}

}  // namespace consort::ledger
