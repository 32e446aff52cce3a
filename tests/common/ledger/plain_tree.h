// RFC 6962, section 2.1, in its own words: slow, recursive, and independent of common/ledger.
#ifndef CONSORT_TESTS_COMMON_LEDGER_PLAIN_TREE_H_
#define CONSORT_TESTS_COMMON_LEDGER_PLAIN_TREE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/digest.h"

namespace consort::testing {

using Leaves = absl::Span<const Digest>;

// The eight leaves that Certificate Transparency's implementations test with, and the root of all of them.
inline constexpr const char* kKnownLeaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
inline constexpr char kKnownRootOf8[] = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
inline constexpr char kKnownRootOf6[] = "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef";
inline constexpr char kEmptyRoot[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

inline std::vector<std::string> KnownEntries() {
  std::vector<std::string> entries;
  for (const char* leaf : kKnownLeaves) entries.push_back(HexDecode(leaf).value());
  return entries;
}

inline Digest PlainLeaf(absl::string_view entry) {
  return Sha256Of(absl::StrCat(absl::string_view("\0", 1), entry));
}

inline std::vector<Digest> PlainLeaves(absl::Span<const std::string> entries) {
  std::vector<Digest> leaves;
  for (const std::string& entry : entries) leaves.push_back(PlainLeaf(entry));
  return leaves;
}

// The largest power of two smaller than the number of leaves.
inline size_t PlainSplit(Leaves leaves) {
  size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  return split;
}

inline Digest PlainRoot(Leaves leaves) {
  if (leaves.empty()) return Sha256Of("");
  if (leaves.size() == 1) return leaves[0];
  const size_t split = PlainSplit(leaves);
  return Sha256Of(absl::StrCat("\x01", ViewOf(PlainRoot(leaves.subspan(0, split))),
                               ViewOf(PlainRoot(leaves.subspan(split)))));
}

// PATH(m, D[n]) of section 2.1.1.
inline std::vector<Digest> PlainPath(size_t index, Leaves leaves) {
  if (leaves.size() == 1) return {};
  const size_t split = PlainSplit(leaves);
  const bool left = index < split;
  std::vector<Digest> path =
      left ? PlainPath(index, leaves.subspan(0, split)) : PlainPath(index - split, leaves.subspan(split));
  path.push_back(PlainRoot(left ? leaves.subspan(split) : leaves.subspan(0, split)));
  return path;
}

// SUBPROOF(m, D[n], b) of section 2.1.2.
inline std::vector<Digest> PlainSubproof(size_t size, Leaves leaves, bool whole) {
  if (size == leaves.size()) return whole ? std::vector<Digest>{} : std::vector<Digest>{PlainRoot(leaves)};
  const size_t split = PlainSplit(leaves);
  const bool left = size <= split;
  std::vector<Digest> proof = left ? PlainSubproof(size, leaves.subspan(0, split), whole)
                                   : PlainSubproof(size - split, leaves.subspan(split), false);
  proof.push_back(PlainRoot(left ? leaves.subspan(split) : leaves.subspan(0, split)));
  return proof;
}
// PROOF(m, D[n]); empty for m = 0, which RFC 6962 leaves out.
inline std::vector<Digest> PlainConsistency(size_t size, Leaves leaves) {
  return size == 0 ? std::vector<Digest>{} : PlainSubproof(size, leaves, true);
}

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_LEDGER_PLAIN_TREE_H_
