// The certificates of a whole federation, made for one test.
#ifndef CONSORT_TESTS_COMMON_RPC_TEST_FEDERATION_H_
#define CONSORT_TESTS_COMMON_RPC_TEST_FEDERATION_H_

#include <memory>
#include <string>

#include "common/crypto/certificate.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/member_id.h"
#include "common/rpc/server_credentials.h"
#include "tests/support/temporary_directory.h"

namespace consort::testing {

// Any failure ends the test program. Files live as long as this does.
class TestFederation {
 public:
  explicit TestFederation(const std::string& name = "example.org");

  const std::string& name() const { return name_; }
  CertificateAuthority& authority() { return *authority_; }
  std::string ca_fingerprint() const { return authority_->Fingerprint().value(); }
  std::string Path(const std::string& file) const { return directory_.Path(file); }

  // The coordinator's certificate and chain, written once.
  ServerTlsFiles Server();

  struct IdentityFiles {
    std::string certificate_path;
    std::string key_path;
    std::string certificate_pem;
  };
  // A new certificate for `spiffe_id`; `from` is its first moment.
  IdentityFiles Issue(const std::string& spiffe_id, absl::Time from, absl::Duration validity);
  IdentityFiles Issue(v1::Role role, const std::string& member);

  // What a member with `identity` dials `address` with.
  ChannelOptions Dial(const std::string& address, const IdentityFiles& identity) const;

 private:
  std::string name_;
  TemporaryDirectory directory_;
  std::unique_ptr<CertificateAuthority> authority_;
  int issued_ = 0;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_RPC_TEST_FEDERATION_H_
