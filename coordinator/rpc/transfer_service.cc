#include "coordinator/rpc/transfer_service.h"

#include <utility>

#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/artifact.grpc.pb.h"
#include "coordinator/rpc/authorisation.h"
#include "coordinator/rpc/download.h"
#include "coordinator/rpc/on_executor.h"
#include "coordinator/rpc/upload.h"

namespace consort::coordinator {
namespace {

// Ends a stream whose caller cannot be named; the authorisation lets none through.
template <class Reactor>
class Refused final : public Reactor {
 public:
  explicit Refused(const absl::Status& status) { this->Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

class TransferServiceImpl final : public v1::TransferService::CallbackService {
 public:
  explicit TransferServiceImpl(TransferParts parts)
      : parts_(std::move(parts)),
        gate_(parts_.bulk_streams),
        stores_{parts_.artifacts, parts_.updates, parts_.artifact_quota_bytes},
        bulk_{gate_, parts_.workers, parts_.executor, parts_.directory} {}

 private:
  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context,
                                   const v1::TransferStatusRequest* request,
                                   v1::TransferStatus* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    parts_.workers.Run([this, context, request, response, reactor] {
      reactor->Finish(ToGrpcStatus([&]() -> absl::Status {
        ASSIGN_OR_RETURN(const PeerIdentity caller, CallerOf(*context, parts_.federation));
        ASSIGN_OR_RETURN(*response, UploadStatus(stores_, caller, request->resource()));
        return absl::OkStatus();
      }()));
    });
    return reactor;
  }

  grpc::ServerWriteReactor<v1::ReadChunk>* Read(grpc::CallbackServerContext* context,
                                                const v1::ReadRequest* request) override {
    auto caller = CallerOf(*context, parts_.federation);
    if (!caller.ok()) return new Refused<grpc::ServerWriteReactor<v1::ReadChunk>>(caller.status());
    const auto stream = std::make_shared<Download>(bulk_, Download::Shared{parts_.artifacts, parts_.on_sent},
                                                   *std::move(caller), *request);
    stream->Enter();
    return stream.get();
  }

  grpc::ServerReadReactor<v1::WriteChunk>* Write(grpc::CallbackServerContext* context,
                                                 v1::TransferStatus* response) override {
    auto caller = CallerOf(*context, parts_.federation);
    if (!caller.ok()) return new Refused<grpc::ServerReadReactor<v1::WriteChunk>>(caller.status());
    const auto stream = std::make_shared<Upload>(bulk_, Upload::Shared{stores_, slots_, parts_.on_received},
                                                 *std::move(caller), context, response);
    stream->Enter();
    return stream.get();
  }

  // All of it on the control executor: nothing can come into use between the question and the removal.
  grpc::ServerUnaryReactor* CollectGarbage(grpc::CallbackServerContext* context,
                                           const v1::DeleteArtifactsRequest* request,
                                           v1::DeleteArtifactsResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const std::set<std::string> in_use, parts_.artifacts_in_use());
      for (const std::string& digest : parts_.artifacts.List()) {
        if (in_use.contains(digest)) continue;
        ASSIGN_OR_RETURN(const uint64_t bytes, parts_.artifacts.SizeOf(digest));
        if (!request->dry_run()) RETURN_IF_ERROR(parts_.artifacts.Remove(digest));
        response->add_digests(digest);
        response->set_bytes(response->bytes() + bytes);
      }
      return absl::OkStatus();
    });
  }

  const TransferParts parts_;
  BulkGate gate_;
  UploadSlots slots_;
  const UploadStores stores_;
  const BulkParts bulk_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTransferService(TransferParts parts) {
  return std::make_unique<TransferServiceImpl>(std::move(parts));
}

}  // namespace consort::coordinator
