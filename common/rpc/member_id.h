// Who somebody is in a federation: a role and a name, written as a SPIFFE id in the certificate.
#ifndef CONSORT_COMMON_RPC_MEMBER_ID_H_
#define CONSORT_COMMON_RPC_MEMBER_ID_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consort/v1/federation.pb.h"

namespace consort {

struct MemberId {
  std::string federation;
  v1::Role role = v1::ROLE_UNSPECIFIED;
  std::string name;

  // spiffe://<federation>/<role word>/<name>
  std::string ToSpiffeId() const;
  bool operator==(const MemberId& other) const {
    return federation == other.federation && role == other.role && name == other.name;
  }
};

// Errors: InvalidArgument unless `spiffe_id` is exactly what ToSpiffeId writes for a known role and a good
// name.
absl::StatusOr<MemberId> ParseSpiffeId(absl::string_view spiffe_id);

// spiffe://<federation>/coordinator
std::string CoordinatorSpiffeId(absl::string_view federation);

// "archive", "researcher", "auditor", "operator"; empty for any other value.
absl::string_view RoleWord(v1::Role role);
// Errors: InvalidArgument naming the words that are known.
absl::StatusOr<v1::Role> RoleFromWord(absl::string_view word);

// A member's name: 1 to 40 of a-z, 0-9 and '-', not starting or ending with '-'. Errors: InvalidArgument.
absl::Status CheckMemberName(absl::string_view name);
// A federation's name: a DNS name in lower case, 1 to 100 of a-z, 0-9, '-' and '.'. Errors: InvalidArgument.
absl::Status CheckFederationName(absl::string_view name);

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_MEMBER_ID_H_
