// One stream of LedgerService.ReadEntries.
#ifndef CONSORT_COORDINATOR_RPC_LEDGER_ENTRY_STREAM_H_
#define CONSORT_COORDINATOR_RPC_LEDGER_ENTRY_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <string>

#include "common/rpc/peer_identity.h"
#include "consort/v1/ledger.pb.h"
#include "coordinator/rpc/ledger_service.h"

namespace consort::coordinator {

// Reads a batch on the control executor, sends it entry by entry, reads the next: a slow reader holds one
// batch in memory and never the executor. A reader that is revoked gets no further batch. Deletes itself when
// done.
class LedgerEntryStream final : public grpc::ServerWriteReactor<v1::LedgerEntry> {
 public:
  LedgerEntryStream(const LedgerParts& parts, PeerIdentity caller, const v1::ReadEntriesRequest& request)
      : parts_(parts), caller_(std::move(caller)), next_(request.start()), end_(request.end()) {}

  void Start() { ReadBatch(); }

  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  static constexpr uint64_t kBatchEntries = 64;  // of at most 16 KiB each

  void ReadBatch();
  absl::Status Fill();
  void SendNext();

  const LedgerParts parts_;
  const PeerIdentity caller_;
  uint64_t next_;
  uint64_t end_;  // 0 until the first batch: all that is durable then
  std::deque<v1::LedgerEntry> batch_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_LEDGER_ENTRY_STREAM_H_
