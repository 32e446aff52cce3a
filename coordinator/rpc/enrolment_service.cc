#include "coordinator/rpc/enrolment_service.h"

#include <utility>

#include "common/status/macros.h"
#include "consort/v1/enrolment.grpc.pb.h"
#include "coordinator/rpc/authorisation.h"
#include "coordinator/rpc/on_executor.h"

namespace consort::coordinator {
namespace {

class EnrolmentServiceImpl final : public v1::EnrolmentService::CallbackService {
 public:
  EnrolmentServiceImpl(std::string federation, Enrolment& enrolment, Executor& executor)
      : federation_(std::move(federation)), enrolment_(enrolment), executor_(executor) {}

 private:
  grpc::ServerUnaryReactor* Enrol(grpc::CallbackServerContext* context, const v1::EnrolRequest* request,
                                  v1::EnrolResponse* response) override {
    return OnExecutor(context, executor_, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(*response, enrolment_.Enrol(*request));
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context, const v1::RenewRequest* request,
                                  v1::RenewResponse* response) override {
    auto caller = CallerOf(*context, federation_);
    if (!caller.ok()) return Answer(context, caller.status());
    return OnExecutor(context, executor_,
                      [this, member = caller->member, request, response]() -> absl::Status {
                        ASSIGN_OR_RETURN(*response->mutable_certificate_pem(),
                                         enrolment_.Renew(member, request->csr_pem()));
                        return absl::OkStatus();
                      });
  }

  const std::string federation_;
  Enrolment& enrolment_;
  Executor& executor_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEnrolmentService(std::string federation, Enrolment& enrolment,
                                                    Executor& executor) {
  return std::make_unique<EnrolmentServiceImpl>(std::move(federation), enrolment, executor);
}

}  // namespace consort::coordinator
