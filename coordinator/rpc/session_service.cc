#include "coordinator/rpc/session_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_mapping.h"
#include "consort/v1/session.grpc.pb.h"
#include "coordinator/rpc/authorisation.h"
#include "coordinator/rpc/session_stream.h"

namespace consort::coordinator {
namespace {

using Reactor = grpc::ServerBidiReactor<v1::Envelope, v1::Envelope>;

// A stream that ends as it begins.
class RefusedStream final : public Reactor {
 public:
  explicit RefusedStream(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

class SessionServiceImpl final : public v1::SessionService::CallbackService {
 public:
  explicit SessionServiceImpl(SessionParts parts) : parts_(std::move(parts)) {}

 private:
  Reactor* Connect(grpc::CallbackServerContext* context) override {
    const absl::StatusOr<PeerIdentity> caller = CallerOf(*context, parts_.federation);
    if (!caller.ok()) return new RefusedStream(caller.status());
    if (caller->member.role != v1::ROLE_ARCHIVE) {
      return new RefusedStream(absl::PermissionDeniedError(
          absl::StrCat("only archives keep sessions: ", caller->member.ToSpiffeId())));
    }
    const auto stream = std::make_shared<SessionStream>(parts_, *context, caller->member.name);
    stream->Open();
    return stream.get();
  }

  const SessionParts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSessionService(SessionParts parts) {
  return std::make_unique<SessionServiceImpl>(std::move(parts));
}

}  // namespace consort::coordinator
