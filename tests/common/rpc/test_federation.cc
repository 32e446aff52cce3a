#include "tests/common/rpc/test_federation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace consort::testing {

TestFederation::TestFederation(const std::string& name) : name_(name) {
  authority_ =
      std::make_unique<CertificateAuthority>(CertificateAuthority::Create(name, absl::Now()).value());
  WriteFileOrDie(Path("ca.pem"), authority_->certificate_pem());
}

ServerTlsFiles TestFederation::Server() {
  const std::string key = GenerateTlsKeyPem().value();
  CertificateAuthority::Subject subject;
  subject.spiffe_id = CoordinatorSpiffeId(name_);
  subject.dns_names = {kCoordinatorTlsName, "localhost"};
  subject.ip_addresses = {"127.0.0.1"};
  const std::string certificate =
      authority_->Issue(MakeCertificateRequest(key).value(), subject, absl::Now()).value();
  WriteFileOrDie(Path("tls.pem"), absl::StrCat(certificate, authority_->certificate_pem()));
  WriteFileOrDie(Path("tls.key"), key);
  return {Path("tls.pem"), Path("tls.key"), Path("ca.pem")};
}

TestFederation::IdentityFiles TestFederation::Issue(const std::string& spiffe_id, absl::Time from,
                                                    absl::Duration validity) {
  const std::string key = GenerateTlsKeyPem().value();
  CertificateAuthority::Subject subject;
  subject.spiffe_id = spiffe_id;
  subject.validity = validity;
  subject.backdate = absl::ZeroDuration();
  IdentityFiles files;
  files.certificate_pem = authority_->Issue(MakeCertificateRequest(key).value(), subject, from).value();
  files.certificate_path = Path(absl::StrCat("member-", issued_, ".pem"));
  files.key_path = Path(absl::StrCat("member-", issued_, ".key"));
  ++issued_;
  WriteFileOrDie(files.certificate_path, files.certificate_pem);
  WriteFileOrDie(files.key_path, key);
  return files;
}

TestFederation::IdentityFiles TestFederation::Issue(v1::Role role, const std::string& member) {
  return Issue(MemberId{name_, role, member}.ToSpiffeId(), absl::Now() - absl::Minutes(1), absl::Hours(1));
}

ChannelOptions TestFederation::Dial(const std::string& address, const IdentityFiles& identity) const {
  return {address, name_, identity.certificate_path, identity.key_path, Path("ca.pem"), ""};
}

}  // namespace consort::testing
