#include "tests/coordinator/enrol/test_enrolment.h"

#include "common/crypto/digest.h"
#include "common/ledger/key_possession.h"

namespace consort::testing {

ArchiveKeySet ArchiveKeySet::Generate(const std::string& archive, const std::string& federation) {
  return {SigningKey::Generate(ledger::ArchiveKeyName(archive, federation, "entries")),
          SigningKey::Generate(ledger::ArchiveKeyName(archive, federation, "mirror"),
                               KeyAlgorithm::kCosignatureV1),
          SigningKey::Generate(ledger::ArchiveKeyName(archive, federation, "approval"))};
}

TlsRequest TlsRequest::Generate() {
  TlsRequest request;
  request.key_pem = GenerateTlsKeyPem().value();
  request.csr_pem = MakeCertificateRequest(request.key_pem).value();
  return request;
}

v1::EnrolRequest RequestFor(const Invitation& invitation, const TlsRequest& tls) {
  v1::EnrolRequest request;
  request.set_token(invitation.token);
  request.set_name(invitation.name);
  request.set_csr_pem(tls.csr_pem);
  return request;
}

v1::EnrolRequest RequestFor(const Invitation& invitation, const TlsRequest& tls, const ArchiveKeySet& keys) {
  v1::EnrolRequest request = RequestFor(invitation, tls);
  const std::pair<const char*, const SigningKey*> all[] = {
      {"entries", &keys.entries}, {"mirror", &keys.mirror}, {"approval", &keys.approval}};
  for (const auto& [purpose, key] : all) {
    v1::KeyProof& proof = *request.add_keys();
    proof.set_purpose(purpose);
    proof.set_public_key(key->verifier().public_key());
    proof.set_signature(
        key->Sign(ledger::EnrolmentProofText(purpose, invitation.name, Sha256Hex(invitation.token))));
  }
  return request;
}

TestEnrolment::TestEnrolment()
    : ledger_(":memory:", TestLedger::Begin::kEmpty),
      authority_(CertificateAuthority::Create("example.org", ledger_.executor().WallClock()).value()),
      enrolment_({ledger_.store(), ledger_.sequencer(), authority_, directory_, ledger_.executor()},
                 "coordinator.example.org:443") {
  if (!enrolment_.EnrolCoordinator().ok()) std::abort();
}

Invitation TestEnrolment::Invite(v1::Role role, const std::string& name) {
  return ParseInvitation(enrolment_.CreateInvitation(role, name, 0).value().line).value();
}

std::string TestEnrolment::Enrol(v1::Role role, const std::string& name) {
  const Invitation invitation = Invite(role, name);
  const TlsRequest tls = TlsRequest::Generate();
  const v1::EnrolRequest request =
      role == v1::ROLE_ARCHIVE ? RequestFor(invitation, tls, ArchiveKeySet::Generate(name, "example.org"))
                               : RequestFor(invitation, tls);
  return enrolment_.Enrol(request).value().certificate_pem();
}

PeerIdentity TestEnrolment::Peer(const std::string& certificate_pem) {
  const CertificateFacts facts = ReadCertificate(certificate_pem).value();
  return {ParseSpiffeId(facts.spiffe_id).value(), facts.fingerprint, facts.not_before};
}

}  // namespace consort::testing
