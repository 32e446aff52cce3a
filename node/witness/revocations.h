// Keys that the coordinator has revoked and whose key-revoke leaf the mirror does not hold yet.
#ifndef CONSORT_NODE_WITNESS_REVOCATIONS_H_
#define CONSORT_NODE_WITNESS_REVOCATIONS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/key_book.h"

namespace consort::node {

// Not thread-safe: owned by the witness.
class Revocations {
 public:
  // Creates `directory` if missing. A file that cannot be read is an error: a key must not come back.
  // Errors: DataLoss; the disk's.
  static absl::StatusOr<Revocations> Open(const std::string& directory);

  // Reads a key-revoke of the log `origin` that one of `signers` has signed, and forgets the key at once.
  // Errors: InvalidArgument for any other entry; Unauthenticated; the disk's, and the key counts no longer
  // until the process ends.
  absl::Status Add(const std::string& envelope, absl::Span<const VerifierKey> signers,
                   absl::string_view origin);
  // The leaves are in the book: it knows better from here on. Errors: the disk's.
  absl::Status Settle(const ledger::KeyBook& book);

  bool Has(const VerifierKey& key) const { return keys_.count(key.ToString()) > 0; }
  // Those of `keys` that were not revoked.
  std::vector<VerifierKey> Without(std::vector<VerifierKey> keys) const;

 private:
  explicit Revocations(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
  std::map<std::string, std::string> keys_;  // verifier key: its file
};

}  // namespace consort::node

#endif  // CONSORT_NODE_WITNESS_REVOCATIONS_H_
