// The journal as the daemon writes it.
#ifndef CONSORT_NODE_JOURNAL_EGRESS_JOURNAL_H_
#define CONSORT_NODE_JOURNAL_EGRESS_JOURNAL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/artifact/durable_file.h"
#include "node/journal/journal_row.h"

namespace consort::node {

// Appends rows and remembers the sums that the daemon reports. Not thread-safe: one writer, the daemon's
// executor.
class EgressJournal {
 public:
  // Opens or starts `path`, checks its whole chain, and cuts off a row whose writing was interrupted (nothing
  // was sent for it). Errors: DataLoss for a damaged chain; ResourceExhausted, PermissionDenied, Internal for
  // the disk.
  static absl::StatusOr<std::unique_ptr<EgressJournal>> Open(const std::string& path);

  // Appends a row and syncs it; number and `previous` are filled in here. Only then may its payload leave.
  // Errors: ResourceExhausted, Internal: nothing counts as written, and every later Append fails too until
  // the journal is opened again (after a failed sync nobody knows what the disk holds).
  absl::Status Append(JournalRow row);

  // The same for a payload that may have its row already: a restarted daemon sends a stored payload again.
  absl::Status AppendOnce(JournalRow row);

  const std::string& head() const { return head_; }
  uint64_t rows() const { return rows_; }
  uint64_t bytes_total() const { return bytes_total_; }
  // Bytes of payloads derived from recordings that have left for `job_id`.
  uint64_t DerivedBytes(absl::string_view job_id) const;

 private:
  EgressJournal(FileDescriptor file, uint64_t size) : file_(std::move(file)), size_(size) {}
  void Count(const JournalRow& row);

  FileDescriptor file_;
  uint64_t size_;
  bool failed_ = false;
  std::string head_ = JournalStart();
  uint64_t rows_ = 0;
  uint64_t bytes_total_ = 0;
  absl::flat_hash_map<std::string, uint64_t> derived_bytes_;  // by job
  absl::flat_hash_set<std::string> derived_;  // type, round and digest of each derived payload
};

}  // namespace consort::node

#endif  // CONSORT_NODE_JOURNAL_EGRESS_JOURNAL_H_
