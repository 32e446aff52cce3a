#include "node/rpc/transfer_call.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/deadlines.h"

namespace consort::node {

TransferCall::TransferCall(Cancellation& cancellation) : cancellation_(cancellation) {
  cancellation_.OnCancel([this] { context_.TryCancel(); });
}

TransferCall::~TransferCall() {
  cancellation_.OnCancel(nullptr);
  context_.TryCancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool TransferCall::Step() {
  void* tag = nullptr;
  bool ok = false;
  const auto deadline = absl::ToChronoTime(absl::Now() + kTransferStallLimit);
  if (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT) return ok;
  stalled_ = true;
  context_.TryCancel();
  queue_.Next(&tag, &ok);  // a cancelled call ends its operation at once
  return false;
}

absl::Status TransferCall::Explain(const absl::Status& status) const {
  if (cancellation_.cancelled()) return absl::CancelledError("the transfer was called off");
  if (stalled_) {
    return absl::UnavailableError(
        absl::StrCat("the transfer stalled: no byte for ", absl::FormatDuration(kTransferStallLimit)));
  }
  // The coordinator's word for too many transfers or a full disk: both pass. Our own disk is told elsewhere.
  if (absl::IsResourceExhausted(status)) return absl::UnavailableError(status.message());
  return status;
}

}  // namespace consort::node
