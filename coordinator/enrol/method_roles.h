// Who may call what: the one table that every call on the coordinator's port is checked against.
// docs/roles.md shows the same table.
#ifndef CONSORT_COORDINATOR_ENROL_METHOD_ROLES_H_
#define CONSORT_COORDINATOR_ENROL_METHOD_ROLES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "consort/v1/federation.pb.h"

namespace consort::coordinator {

struct MethodRule {
  absl::string_view method;  // as in the request's path: "/consort.v1.JobService/Submit"
  bool anonymous = false;    // also peers without a certificate
  bool archive = false;
  bool researcher = false;
  bool auditor = false;
  bool operators = false;

  bool Allows(v1::Role role) const;
};

// Every method that the coordinator serves, by service.
absl::Span<const MethodRule> MethodRules();

// True if a peer of `role` may call `method`; no role: a peer without a certificate. A method that is not in
// the table is nobody's.
bool MayCall(absl::string_view method, std::optional<v1::Role> role);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ENROL_METHOD_ROLES_H_
