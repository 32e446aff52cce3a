#include "common/ledger/proof_lines.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::ledger {

absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text) {
  uint64_t value = 0;
  if (absl::SimpleAtoi(text, &value) && absl::StrCat(value) == text && value <= uint64_t{INT64_MAX})
    return value;
  return absl::InvalidArgumentError("number must be decimal, without leading zeros and below 2^63");
}

std::string SpellHashes(absl::Span<const Digest> hashes) {
  std::string lines;
  for (const Digest& hash : hashes) absl::StrAppend(&lines, Base64Encode(ViewOf(hash)), "\n");
  return lines;
}

absl::StatusOr<std::vector<Digest>> ParseHashes(absl::Span<const absl::string_view> lines) {
  if (lines.size() > kMaxProofHashes) {
    return absl::InvalidArgumentError(
        absl::StrCat("proof is longer than any can be: ", lines.size(), " hashes"));
  }
  std::vector<Digest> hashes(lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string hash, Base64Decode(lines[i]));
    if (hash.size() != hashes[i].size())
      return absl::InvalidArgumentError("proof has a line that is no hash of 32 bytes");
    std::copy(hash.begin(), hash.end(), hashes[i].begin());
  }
  return hashes;
}

absl::StatusOr<absl::string_view> TakeLine(absl::string_view& text) {
  const size_t end = text.find('\n');
  if (end == absl::string_view::npos) return absl::InvalidArgumentError("text ends within a line");
  const absl::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace consort::ledger
