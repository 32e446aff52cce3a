// The one place where a call on the coordinator's port is allowed or refused.
#ifndef CONSORT_COORDINATOR_RPC_AUTHORISATION_H_
#define CONSORT_COORDINATOR_RPC_AUTHORISATION_H_

#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/server_context.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/peer_identity.h"
#include "coordinator/enrol/member_directory.h"

namespace consort::coordinator {

// gRPC asks this before any handler sees a call, whatever service it is for: certificate -> member -> not
// revoked -> role -> table of methods (coordinator/enrol/method_roles.h). Thread-safe.
class Authorisation final : public grpc::AuthMetadataProcessor {
 public:
  // `directory` is borrowed and outlives the server.
  Authorisation(std::string federation, const MemberDirectory& directory)
      : federation_(std::move(federation)), directory_(directory) {}

  bool IsBlocking() const override { return false; }  // a map look-up: no thread of its own
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata* consumed,
                       OutputMetadata* response) override;

 private:
  absl::Status Check(absl::string_view method, const grpc::AuthContext& context) const;

  std::string federation_;
  const MemberDirectory& directory_;
};

// Who makes this call. For handlers of methods that need a certificate. Errors: Unauthenticated without one.
absl::StatusOr<PeerIdentity> CallerOf(const grpc::ServerContextBase& context, absl::string_view federation);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_AUTHORISATION_H_
