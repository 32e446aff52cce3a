// Where the mirror gets the ledger's entries from. node/rpc implements it over the coordinator's
// LedgerService; tests with a list.
#ifndef CONSORT_NODE_WITNESS_ENTRY_SOURCE_H_
#define CONSORT_NODE_WITNESS_ENTRY_SOURCE_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace consort::node {

class EntrySource {
 public:
  using Take = std::function<absl::Status(absl::string_view envelope)>;

  virtual ~EntrySource() = default;
  // Gives the entries [start, end) to `take`, in order, and blocks meanwhile. Whoever calls counts them and
  // believes nothing else. Errors: those of `take`; otherwise that entries could not be had.
  virtual absl::Status Read(uint64_t start, uint64_t end, const Take& take) = 0;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_WITNESS_ENTRY_SOURCE_H_
