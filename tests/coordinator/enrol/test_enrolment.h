// Enrolment requests as members make them.
#ifndef CONSORT_TESTS_COORDINATOR_ENROL_TEST_ENROLMENT_H_
#define CONSORT_TESTS_COORDINATOR_ENROL_TEST_ENROLMENT_H_

#include <string>

#include "common/crypto/certificate.h"
#include "common/crypto/signing_key.h"
#include "common/rpc/invitation.h"
#include "consort/v1/enrolment.pb.h"
#include "coordinator/enrol/enrolment.h"
#include "tests/coordinator/ledger/test_ledger.h"

namespace consort::testing {

// The keys that an archive makes for itself.
struct ArchiveKeySet {
  SigningKey entries;
  SigningKey mirror;
  SigningKey approval;

  // Fresh keys, named for `archive` of `federation`.
  static ArchiveKeySet Generate(const std::string& archive, const std::string& federation);
};

// A fresh TLS key and the request that goes with it.
struct TlsRequest {
  std::string key_pem;
  std::string csr_pem;

  static TlsRequest Generate();
};

v1::EnrolRequest RequestFor(const Invitation& invitation, const TlsRequest& tls);
v1::EnrolRequest RequestFor(const Invitation& invitation, const TlsRequest& tls, const ArchiveKeySet& keys);

// An enrolment over a ledger of its own, the coordinator's keys in leaf 0. Failures end the test program.
class TestEnrolment {
 public:
  TestEnrolment();

  TestLedger& ledger() { return ledger_; }
  coordinator::Enrolment& enrolment() { return enrolment_; }
  coordinator::MemberDirectory& directory() { return directory_; }
  const CertificateAuthority& authority() const { return authority_; }

  Invitation Invite(v1::Role role, const std::string& name);
  // Invites and enrols; returns the certificate.
  std::string Enrol(v1::Role role, const std::string& name);
  // Who the holder of a certificate is to the directory.
  PeerIdentity Peer(const std::string& certificate_pem);

 private:
  TestLedger ledger_;
  CertificateAuthority authority_;
  coordinator::MemberDirectory directory_;
  coordinator::Enrolment enrolment_;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COORDINATOR_ENROL_TEST_ENROLMENT_H_
