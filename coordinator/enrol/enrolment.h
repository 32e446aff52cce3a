// Invitations, enrolment, renewal and revocation of members.
#ifndef CONSORT_COORDINATOR_ENROL_ENROLMENT_H_
#define CONSORT_COORDINATOR_ENROL_ENROLMENT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/certificate.h"
#include "common/rpc/member_id.h"
#include "common/sync/executor.h"
#include "consort/v1/enrolment.pb.h"
#include "coordinator/enrol/member_directory.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Owned by the control executor: every call is made there.
class Enrolment {
 public:
  // All borrowed; they outlive this.
  struct Parts {
    Store& store;
    Sequencer& sequencer;
    const CertificateAuthority& authority;
    MemberDirectory& directory;
    Executor& executor;
  };
  // `address`: HOST:PORT under which members reach the coordinator.
  Enrolment(const Parts& parts, std::string address);

  // The address for invitations from now on: for a port that is known only once it is listened on.
  void SetAddress(std::string address) { address_ = std::move(address); }

  // Fills the directory from the store; once, before calls are let in. Errors: Internal.
  absl::Status Load();

  // Records the coordinator's own keys as the first entry of a new ledger. Errors: AlreadyExists if it has
  // entries.
  absl::Status EnrolCoordinator();

  struct Created {
    std::string line;  // secret; given to the operator and never logged or stored
    int64_t expires_unix_seconds = 0;
  };
  // `valid_hours`: 1 to 720; 0 is 72. Errors: InvalidArgument for role, name or hours; AlreadyExists for a
  // name in use.
  absl::StatusOr<Created> CreateInvitation(v1::Role role, absl::string_view name, uint32_t valid_hours);

  // Redeems an invitation. Errors: Unauthenticated for an unknown, used or expired token, with one message
  // for all; InvalidArgument for a name that is not the invitation's, a bad certificate request or bad keys;
  // AlreadyExists for a name in use. After any of these the invitation is as good as before.
  absl::StatusOr<v1::EnrolResponse> Enrol(const v1::EnrolRequest& request);

  // A new certificate for a member's own name and role. The caller has been authorised. Errors: NotFound,
  // InvalidArgument for a bad request.
  absl::StatusOr<std::string> Renew(const MemberId& member, absl::string_view csr_pem);

  // Refuses the member from now on and ends its open streams (through the directory). `reason`: lost-key,
  // left, misbehaved, superseded. Revoking twice is once. Errors: NotFound; InvalidArgument for another
  // reason.
  absl::StatusOr<MemberRow> Revoke(v1::Role role, absl::string_view name, absl::string_view reason);

  // Errors: NotFound; Internal.
  absl::StatusOr<MemberRow> GetMember(v1::Role role, absl::string_view name);
  absl::StatusOr<std::vector<MemberRow>> ListMembers();  // by role, then name

  static constexpr absl::Duration kCertificateValidity = absl::Hours(24 * 365);

 private:
  struct Issued {
    std::string pem;
    CertificateFacts facts;
  };
  absl::StatusOr<Issued> Issue(v1::Role role, absl::string_view name, absl::string_view csr_pem,
                               absl::Time now);
  absl::StatusOr<InvitationRow> RedeemableInvitation(Transaction& transaction,
                                                     const v1::EnrolRequest& request,
                                                     const std::string& token_sha256);

  Parts parts_;
  std::string address_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ENROL_ENROLMENT_H_
