#include "coordinator/rpc/ledger_entry_stream.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "coordinator/ledger/standing.h"

namespace consort::coordinator {

void LedgerEntryStream::ReadBatch() {
  parts_.executor.Post([this] {
    const absl::Status status = Fill();
    if (status.ok() && !batch_.empty()) return SendNext();
    Finish(ToGrpcStatus(status));
  });
}

absl::Status LedgerEntryStream::Fill() {
  RETURN_IF_ERROR(parts_.directory.Check(caller_));
  return parts_.store.Transact([this](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
    if (end_ == 0) end_ = size;
    if (end_ > size || next_ > end_) {
      return absl::OutOfRangeError(
          absl::StrCat("ledger has no such entries: asked for [", next_, ", ", end_, "), size ", size));
    }
    ASSIGN_OR_RETURN(const LedgerStanding standing, ReadStanding(transaction));
    return transaction.ReadLeaves(next_, std::min(end_, next_ + kBatchEntries), [&](const LeafRow& leaf) {
      v1::LedgerEntry& entry = batch_.emplace_back();
      entry.set_index(leaf.index);
      entry.set_envelope(leaf.body);
      entry.set_state(StateOfLeaf(static_cast<int64_t>(leaf.index), standing));
      next_ = leaf.index + 1;
      return absl::OkStatus();
    });
  });
}

void LedgerEntryStream::SendNext() { StartWrite(&batch_.front()); }

void LedgerEntryStream::OnWriteDone(bool ok) {
  if (!ok) return Finish(ToGrpcStatus(absl::CancelledError("peer went away")));
  batch_.pop_front();
  if (!batch_.empty()) return SendNext();
  if (next_ == end_) return Finish(grpc::Status::OK);
  ReadBatch();
}

}  // namespace consort::coordinator
