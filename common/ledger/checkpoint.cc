#include "common/ledger/checkpoint.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/ledger/proof_lines.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("checkpoint is not a well-formed note: ", what));
}

absl::StatusOr<Checkpoint> ParseText(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
  if (lines.size() != 3) return Malformed("its text must have three lines: origin, tree size and root");
  Checkpoint checkpoint;
  checkpoint.origin = std::string(lines[0]);
  if (checkpoint.origin.empty()) return Malformed("the origin is empty");
  ASSIGN_OR_RETURN(checkpoint.size, ParseDecimal(lines[1]));
  ASSIGN_OR_RETURN(const std::string root, Base64Decode(lines[2]));
  if (root.size() != checkpoint.root.size()) return Malformed("the root must be 32 bytes in base64");
  std::copy(root.begin(), root.end(), checkpoint.root.begin());
  return checkpoint;
}

// A key has one part: a cosigner's never speaks for the log, nor a log's for a cosigner.
std::vector<VerifierKey> OfAlgorithm(absl::Span<const VerifierKey> keys, KeyAlgorithm algorithm) {
  std::vector<VerifierKey> found;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(found),
               [algorithm](const VerifierKey& key) { return key.algorithm() == algorithm; });
  return found;
}

}  // namespace

std::string Checkpoint::Text() const {
  return absl::StrCat(origin, "\n", size, "\n", Base64Encode(ViewOf(root)), "\n");
}

std::string SignCheckpoint(const Checkpoint& checkpoint, const SigningKey& key) {
  const std::string text = checkpoint.Text();
  return absl::StrCat(text, "\n", SignatureLine(text, key));
}

absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(absl::string_view note,
                                                absl::Span<const VerifierKey> log_keys,
                                                absl::Span<const VerifierKey> witness_keys) {
  ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  OpenedCheckpoint opened;
  ASSIGN_OR_RETURN(opened.checkpoint, ParseText(parsed.text));
  opened.text = parsed.text;
  std::vector<VerifierKey> keys = OfAlgorithm(log_keys, KeyAlgorithm::kEd25519);
  const std::vector<VerifierKey> witnesses = OfAlgorithm(witness_keys, KeyAlgorithm::kCosignatureV1);
  keys.insert(keys.end(), witnesses.begin(), witnesses.end());
  ASSIGN_OR_RETURN(const std::vector<GoodSignature> good, CheckSignatures(parsed, keys));
  bool signed_by_log = false;
  for (const GoodSignature& signature : good) {
    opened.signers.push_back(signature.keyid);
    if (signature.algorithm == KeyAlgorithm::kCosignatureV1) {
      opened.cosigned.push_back(signature);
    } else {
      // A log key speaks for the log of its own name and no other.
      signed_by_log = signed_by_log || signature.name() == opened.checkpoint.origin;
    }
  }
  if (!signed_by_log) {
    return absl::UnauthenticatedError(absl::StrCat(
        "checkpoint has no signature of a trusted key of its own log; check that the verifier key is of ",
        opened.checkpoint.origin));
  }
  return opened;
}

absl::StatusOr<Checkpoint> ReadCheckpoint(absl::string_view note) {
  ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  return ParseText(parsed.text);
}

}  // namespace consort::ledger
