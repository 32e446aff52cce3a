#include "coordinator/app/server_certificate.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::StatusIs;

class ServerCertificateTest : public ::testing::Test {
 protected:
  ServerCertificateTest() {
    config_.federation = "example.org";
    config_.advertise = "host.example.org:443";
    config_.keys_directory = directory_.path();
    testing::WriteFileOrDie(config_.Key("tls.key"), GenerateTlsKeyPem().value());
  }
  std::string Text() { return testing::ReadFileOrDie(config_.Key("tls.pem")); }

  testing::TemporaryDirectory directory_;
  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  const CertificateAuthority authority_ = CertificateAuthority::Create("example.org", now_).value();
  CoordinatorConfig config_;
};

TEST_F(ServerCertificateTest, NamesTheCoordinatorAndTheAdvertisedHost) {
  ASSERT_THAT(KeepServerCertificate(config_, authority_, now_), IsOk());
  const CertificateFacts facts = ReadCertificate(Text()).value();
  EXPECT_EQ(facts.spiffe_id, "spiffe://example.org/coordinator");
  EXPECT_THAT(facts.dns_names, ElementsAre("consort-coordinator", "host.example.org"));
  EXPECT_THAT(VerifyChain(Text(), authority_.certificate_pem(), now_), IsOk());
  // Newcomers pin the authority: it stands in the chain.
  EXPECT_THAT(Text(), ::testing::HasSubstr(authority_.certificate_pem()));
}

TEST_F(ServerCertificateTest, IsKeptWhileItIsGoodAndRenewedInTime) {
  ASSERT_THAT(KeepServerCertificate(config_, authority_, now_), IsOk());
  const std::string first = Text();
  ASSERT_THAT(KeepServerCertificate(config_, authority_, now_ + absl::Hours(24 * 200)), IsOk());
  EXPECT_EQ(Text(), first);
  ASSERT_THAT(KeepServerCertificate(config_, authority_, now_ + absl::Hours(24 * 250)), IsOk());
  EXPECT_NE(Text(), first);
}

TEST_F(ServerCertificateTest, ANewAdvertisedNameNeedsANewCertificate) {
  ASSERT_THAT(KeepServerCertificate(config_, authority_, now_), IsOk());
  config_.advertise = "192.0.2.7:443";
  ASSERT_THAT(KeepServerCertificate(config_, authority_, now_), IsOk());
  EXPECT_THAT(ReadCertificate(Text())->ip_addresses, ElementsAre("192.0.2.7"));
}

TEST_F(ServerCertificateTest, NeedsItsKey) {
  config_.keys_directory = directory_.Path("absent");
  EXPECT_THAT(KeepServerCertificate(config_, authority_, now_),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("tls.key")));
}

}  // namespace
}  // namespace consort::coordinator
