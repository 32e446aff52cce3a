#include "node/rpc/enrolment_client.h"

#include <grpcpp/client_context.h>

#include "common/rpc/client_channel.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/enrolment.grpc.pb.h"

namespace consort::node {

absl::StatusOr<v1::EnrolResponse> Enrol(const Invitation& invitation, const v1::EnrolRequest& request,
                                        const std::string& proxy) {
  ASSIGN_OR_RETURN(const auto channel, OpenEnrolmentChannel(invitation, proxy));
  const auto stub = v1::EnrolmentService::NewStub(channel);
  grpc::ClientContext context;
  SetDeadline(context, kEnrolDeadline);
  v1::EnrolResponse response;
  RETURN_IF_ERROR(FromGrpcStatus(stub->Enrol(&context, request, &response)));
  return response;
}

}  // namespace consort::node
