#include "node/rpc/grpc_entries.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/status_mapping.h"
#include "consort/v1/ledger.grpc.pb.h"
#include "node/rpc/transfer_call.h"

namespace consort::node {

struct GrpcEntries::Stubs {
  std::unique_ptr<v1::LedgerService::Stub> ledger;
};

GrpcEntries::GrpcEntries(std::shared_ptr<grpc::Channel> channel) : stubs_(std::make_unique<Stubs>()) {
  stubs_->ledger = v1::LedgerService::NewStub(channel);
}

GrpcEntries::~GrpcEntries() = default;

absl::Status GrpcEntries::Read(uint64_t start, uint64_t end, const Take& take) {
  TransferCall call(cancellation_);
  v1::ReadEntriesRequest request;
  request.set_start(start);
  request.set_end(end);
  const auto reader = stubs_->ledger->PrepareAsyncReadEntries(&call.context(), request, &call.queue());
  reader->StartCall(call.tag());
  v1::LedgerEntry entry;
  uint64_t next = start;
  for (bool ok = call.Step(); ok; ++next) {
    reader->Read(&entry, call.tag());
    ok = call.Step();
    if (!ok) break;
    if (entry.index() != next) {
      return absl::UnavailableError(
          absl::StrCat("the coordinator gave entry ", entry.index(), " for ", next));
    }
    if (absl::Status taken = take(entry.envelope()); !taken.ok()) return taken;
  }
  grpc::Status finished;
  reader->Finish(&finished, call.tag());
  call.Step();
  const absl::Status status = call.Explain(FromGrpcStatus(finished));
  if (status.ok()) return status;
  // Whatever code the peer chose: the entries did not come, and that alone is evidence of nothing.
  return absl::UnavailableError(absl::StrCat("ledger entries could not be read: ", status.message()));
}

}  // namespace consort::node
