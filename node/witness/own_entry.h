// Which entries of a ledger were signed by this archive's entry key.
#ifndef CONSORT_NODE_WITNESS_OWN_ENTRY_H_
#define CONSORT_NODE_WITNESS_OWN_ENTRY_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "common/ledger/key_book.h"

namespace consort::node {

// The node_seq of an entry that names one of `archive`'s entry keys as its signer; 0 if it has none. Nothing
// for entries of others. Signatures are not checked.
std::optional<uint64_t> NumberOfOwnEntry(absl::string_view envelope, const ledger::KeyBook& book,
                                         absl::string_view archive);

}  // namespace consort::node

#endif  // CONSORT_NODE_WITNESS_OWN_ENTRY_H_
