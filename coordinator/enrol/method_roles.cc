#include "coordinator/enrol/method_roles.h"

#include <algorithm>
#include <array>

namespace consort::coordinator {
namespace {

constexpr bool kYes = true;
constexpr bool kNo = false;

// Columns: anonymous, archive, researcher, auditor, operator.
constexpr std::array kRules = {
    MethodRule{"/consort.v1.EnrolmentService/Enrol", kYes, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.EnrolmentService/Renew", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.FederationService/Status", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.FederationService/CreateInvitation", kNo, kNo, kNo, kNo, kYes},
    MethodRule{"/consort.v1.FederationService/ListMembers", kNo, kNo, kYes, kYes, kYes},
    MethodRule{"/consort.v1.FederationService/GetMember", kNo, kNo, kYes, kYes, kYes},
    MethodRule{"/consort.v1.FederationService/RevokeMember", kNo, kNo, kNo, kNo, kYes},
    MethodRule{"/consort.v1.SessionService/Connect", kNo, kYes, kNo, kNo, kNo},
    MethodRule{"/consort.v1.JobService/Submit", kNo, kNo, kYes, kNo, kYes},
    MethodRule{"/consort.v1.JobService/Get", kNo, kNo, kYes, kYes, kYes},
    MethodRule{"/consort.v1.JobService/List", kNo, kNo, kYes, kYes, kYes},
    MethodRule{"/consort.v1.JobService/Watch", kNo, kNo, kYes, kYes, kYes},
    MethodRule{"/consort.v1.JobService/Control", kNo, kNo, kYes, kNo, kYes},
    MethodRule{"/consort.v1.JobService/ListModels", kNo, kNo, kYes, kYes, kYes},
    MethodRule{"/consort.v1.JobService/Report", kNo, kNo, kYes, kYes, kYes},
    MethodRule{"/consort.v1.TransferService/Status", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.TransferService/Read", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.TransferService/Write", kNo, kYes, kYes, kNo, kYes},
    MethodRule{"/consort.v1.TransferService/CollectGarbage", kNo, kNo, kNo, kNo, kYes},
    MethodRule{"/consort.v1.LedgerService/GetCheckpoint", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.LedgerService/ListCheckpoints", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.LedgerService/ReadEntries", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.LedgerService/GetKeys", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.LedgerService/GetProof", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/consort.v1.LedgerService/ListIncidents", kNo, kNo, kNo, kYes, kYes},
    MethodRule{"/consort.v1.LedgerService/RevokeKey", kNo, kNo, kNo, kNo, kYes},
    MethodRule{"/consort.v1.LedgerService/Erase", kNo, kNo, kNo, kNo, kYes},
    MethodRule{"/consort.v1.LedgerService/OpenCommitments", kNo, kNo, kYes, kYes, kYes},
    MethodRule{"/grpc.health.v1.Health/Check", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/grpc.health.v1.Health/Watch", kNo, kYes, kYes, kYes, kYes},
    MethodRule{"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", kNo, kNo, kYes, kYes, kYes},
};

}  // namespace

bool MethodRule::Allows(v1::Role role) const {
  switch (role) {
    case v1::ROLE_ARCHIVE:
      return archive;
    case v1::ROLE_RESEARCHER:
      return researcher;
    case v1::ROLE_AUDITOR:
      return auditor;
    case v1::ROLE_OPERATOR:
      return operators;
    default:
      return false;
  }
}

absl::Span<const MethodRule> MethodRules() { return kRules; }

bool MayCall(absl::string_view method, std::optional<v1::Role> role) {
  const auto rule = std::find_if(kRules.begin(), kRules.end(), [method](const MethodRule& candidate) {
    return candidate.method == method;
  });
  if (rule == kRules.end()) return false;
  return role.has_value() ? rule->Allows(*role) : rule->anonymous;
}

}  // namespace consort::coordinator
