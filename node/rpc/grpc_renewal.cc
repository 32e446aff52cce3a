#include "node/rpc/grpc_renewal.h"

#include <grpcpp/client_context.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "common/sync/mutex.h"
#include "consort/v1/enrolment.grpc.pb.h"
#include "spdlog/spdlog.h"

namespace consort::node {

// The calls under way. Outlives its owner on gRPC's threads, so it must not hold the channel: gRPC 1.51
// aborts when the last reference to the last channel goes on a thread of its own.
struct GrpcRenewal::Calls {
  Mutex mutex;
  CondVar ended;
  std::set<grpc::ClientContext*> under_way CONSORT_GUARDED_BY(mutex);
};

namespace {

struct Call {
  grpc::ClientContext context;
  v1::RenewRequest request;
  v1::RenewResponse response;
};

}  // namespace

GrpcRenewal::GrpcRenewal(std::shared_ptr<grpc::Channel> channel)
    : channel_(std::move(channel)), calls_(std::make_shared<Calls>()) {}

GrpcRenewal::~GrpcRenewal() {
  MutexLock lock(calls_->mutex);
  for (grpc::ClientContext* context : calls_->under_way) context->TryCancel();
  while (!calls_->under_way.empty()) {
    if (calls_->ended.WaitFor(calls_->mutex, absl::ToChronoNanoseconds(kEndWithin))) continue;
    spdlog::error("a cancelled renewal did not end in time");
    return;
  }
}

void GrpcRenewal::Renew(const std::string& csr_pem, std::function<void(absl::StatusOr<std::string>)> done) {
  auto call = std::make_shared<Call>();
  grpc::ClientContext* const context = &call->context;
  v1::RenewRequest* const request = &call->request;
  v1::RenewResponse* const response = &call->response;
  SetDeadline(*context);
  request->set_csr_pem(csr_pem);
  {
    MutexLock lock(calls_->mutex);
    calls_->under_way.insert(context);
  }
  const auto stub = v1::EnrolmentService::NewStub(channel_);
  stub->async()->Renew(
      context, request, response,
      [calls = calls_, call = std::move(call), done = std::move(done)](const grpc::Status& status) mutable {
        const absl::Status ended = FromGrpcStatus(status);
        done(ended.ok() ? absl::StatusOr<std::string>(call->response.certificate_pem())
                        : absl::StatusOr<std::string>(ended));
        MutexLock lock(calls->mutex);
        calls->under_way.erase(&call->context);
        call.reset();  // and with it its hold on the channel, before the owner's destructor goes on
        calls->ended.NotifyAll();
      });
}

}  // namespace consort::node
