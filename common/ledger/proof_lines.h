// The lines that C2SP's text formats share: decimal numbers and hashes in base64. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_PROOF_LINES_H_
#define CONSORT_COMMON_LEDGER_PROOF_LINES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/digest.h"

namespace consort::ledger {

// A tree has at most 2^63 - 1 leaves, so that no proof has more hashes (C2SP tlog-witness).
inline constexpr size_t kMaxProofHashes = 63;

// ASCII decimal without sign or leading zeros, at most 2^63 - 1. Errors: InvalidArgument.
absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text);

// One base64 line (with LF) each.
std::string SpellHashes(absl::Span<const Digest> hashes);
// Errors: InvalidArgument for more than kMaxProofHashes lines or any that is no hash in canonical base64.
absl::StatusOr<std::vector<Digest>> ParseHashes(absl::Span<const absl::string_view> lines);

// Cuts the first line, without its LF, off `text`. Errors: InvalidArgument if no LF ends it.
absl::StatusOr<absl::string_view> TakeLine(absl::string_view& text);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_PROOF_LINES_H_
