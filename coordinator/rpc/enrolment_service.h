// EnrolmentService: joining and renewing.
#ifndef CONSORT_COORDINATOR_RPC_ENROLMENT_SERVICE_H_
#define CONSORT_COORDINATOR_RPC_ENROLMENT_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <string>

#include "common/sync/executor.h"
#include "coordinator/enrol/enrolment.h"

namespace consort::coordinator {

// `enrolment` and `executor` (the control executor) are borrowed and outlive the server.
std::unique_ptr<grpc::Service> MakeEnrolmentService(std::string federation, Enrolment& enrolment,
                                                    Executor& executor);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_ENROLMENT_SERVICE_H_
