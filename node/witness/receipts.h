// The coordinator's promises: an entry of ours stands in the ledger at this index. Each is kept until the
// mirror holds that leaf.
#ifndef CONSORT_NODE_WITNESS_RECEIPTS_H_
#define CONSORT_NODE_WITNESS_RECEIPTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/crypto/signing_key.h"

namespace consort::node {

struct Receipt {
  uint64_t index = 0;
  std::string leaf_hash;  // hex
};

// Reads a receipt of the log `origin` (docs/formats/ledger.md). Errors: InvalidArgument for any other
// spelling, kind or log; Unauthenticated unless one of `keys`, the coordinator's entry keys, has signed it.
absl::StatusOr<Receipt> OpenReceipt(absl::string_view envelope, absl::Span<const VerifierKey> keys,
                                    absl::string_view origin);

// Not thread-safe: owned by the witness.
class Receipts {
 public:
  struct Pending {
    Receipt receipt;
    std::string envelope;
    absl::Duration waited;  // connected time since this process learnt of it
  };

  // Creates `directory` if missing. Errors: DataLoss for a stored receipt that is none; the disk's.
  static absl::StatusOr<Receipts> Open(const std::string& directory);

  // Stores a receipt that was opened, synced. Another one for the same index takes no place: the older stays.
  // Errors: AlreadyExists for that; the disk's, and nothing is kept.
  absl::Status Keep(const Receipt& receipt, const std::string& envelope);
  // The leaf is in the mirror, or an incident has the receipt. Errors: the disk's.
  absl::Status Remove(uint64_t index);
  // Forgets those that `is_void` names, the newest included: an incident has them. Errors: the disk's.
  absl::Status Drop(const std::function<bool(const Receipt&)>& is_void);
  void Wait(absl::Duration connected);

  const std::map<uint64_t, Pending>& pending() const { return pending_; }  // by index
  const std::string& newest() const { return newest_; }                    // envelope; empty: none

 private:
  explicit Receipts(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
  std::map<uint64_t, Pending> pending_;
  std::string newest_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_WITNESS_RECEIPTS_H_
