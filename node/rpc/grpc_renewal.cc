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

struct GrpcRenewal::Shared {
  explicit Shared(const std::shared_ptr<grpc::Channel>& channel)
      : stub(v1::EnrolmentService::NewStub(channel)) {}

  const std::unique_ptr<v1::EnrolmentService::Stub> stub;
  Mutex mutex;
  CondVar ended;
  std::set<grpc::ClientContext*> calls CONSORT_GUARDED_BY(mutex);
};

namespace {

struct Call {
  grpc::ClientContext context;
  v1::RenewRequest request;
  v1::RenewResponse response;
};

}  // namespace

GrpcRenewal::GrpcRenewal(std::shared_ptr<grpc::Channel> channel)
    : shared_(std::make_shared<Shared>(channel)) {}

GrpcRenewal::~GrpcRenewal() {
  MutexLock lock(shared_->mutex);
  for (grpc::ClientContext* context : shared_->calls) context->TryCancel();
  while (!shared_->calls.empty()) {
    if (shared_->ended.WaitFor(shared_->mutex, absl::ToChronoNanoseconds(kEndWithin))) continue;
    spdlog::error("a cancelled renewal did not end in time");
    return;
  }
}

void GrpcRenewal::Renew(const std::string& csr_pem, std::function<void(absl::StatusOr<std::string>)> done) {
  auto call = std::make_shared<Call>();
  SetDeadline(call->context);
  call->request.set_csr_pem(csr_pem);
  {
    MutexLock lock(shared_->mutex);
    shared_->calls.insert(&call->context);
  }
  shared_->stub->async()->Renew(&call->context, &call->request, &call->response,
                                [shared = shared_, call, done = std::move(done)](const grpc::Status& status) {
                                  const absl::Status ended = FromGrpcStatus(status);
                                  done(ended.ok()
                                           ? absl::StatusOr<std::string>(call->response.certificate_pem())
                                           : absl::StatusOr<std::string>(ended));
                                  MutexLock lock(shared->mutex);
                                  shared->calls.erase(&call->context);
                                  shared->ended.NotifyAll();
                                });
}

}  // namespace consort::node
