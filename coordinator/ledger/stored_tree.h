// The Merkle tree over the leaves in the store: complete subtrees are kept, so that a proof reads a few rows.
#ifndef CONSORT_COORDINATOR_LEDGER_STORED_TREE_H_
#define CONSORT_COORDINATOR_LEDGER_STORED_TREE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/ledger/merkle_tree.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Reads stored subtree hashes; for common/ledger's proofs. Borrows `transaction`. Errors of each read:
// DataLoss for a missing or short hash.
ledger::SubtreeHash StoredSubtrees(Transaction& transaction);

// Inserts the leaf and the hash of every subtree that it completes. Errors: those of the store.
absl::Status StoreLeaf(Transaction& transaction, const LeafRow& leaf);

// Hashes the leaves [start, end) again from their stored bytes and compares every stored hash that depends on
// them with what those give. Errors: DataLoss naming the first index or subtree that differs.
absl::Status CheckStoredLeaves(Transaction& transaction, uint64_t start, uint64_t end);

// Root of the first `size` stored leaves. Errors: DataLoss.
absl::StatusOr<Digest> StoredRoot(Transaction& transaction, uint64_t size);

// A stored hash as a digest. Errors: DataLoss unless it has 32 bytes.
absl::StatusOr<Digest> DigestOfStored(absl::string_view bytes);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_LEDGER_STORED_TREE_H_
