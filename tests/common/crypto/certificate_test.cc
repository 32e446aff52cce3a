#include "common/crypto/certificate.h"

#include <openssl/err.h>
#include <sys/stat.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

CertificateAuthority::Subject Archive() { return {.spiffe_id = "spiffe://demo/archive/archive-uk-1"}; }
CertificateAuthority::Subject Coordinator() {
  return {.spiffe_id = "spiffe://demo/coordinator",
          .dns_names = {"consort-coordinator", "music.example"},
          .ip_addresses = {"127.0.0.1", "::1"}};
}

class CertificateTest : public ::testing::Test {
 protected:
  CertificateAuthority authority_ = CertificateAuthority::Create("demo", kNow).value();
  std::string request_ = MakeCertificateRequest(GenerateTlsKeyPem().value()).value();
};

TEST_F(CertificateTest, SaysWhoTheMemberIsAndNothingElse) {
  auto pem = authority_.Issue(request_, Archive(), kNow);
  ASSERT_THAT(pem, IsOk());
  auto facts = ReadCertificate(*pem);
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->spiffe_id, "spiffe://demo/archive/archive-uk-1");
  EXPECT_THAT(facts->dns_names, IsEmpty());
  EXPECT_THAT(facts->ip_addresses, IsEmpty());
  EXPECT_FALSE(facts->is_authority);
  EXPECT_EQ(facts->not_before, kNow - absl::Minutes(5));
  EXPECT_EQ(facts->not_after, kNow + absl::Hours(24 * 365));
  EXPECT_EQ(facts->fingerprint.size(), 64u);
  EXPECT_FALSE(facts->issuer_fingerprint_hint.empty());
}

TEST_F(CertificateTest, BelongsToTheKeyOfItsRequestAlone) {
  const std::string key = GenerateTlsKeyPem().value();
  const std::string pem = authority_.Issue(MakeCertificateRequest(key).value(), Archive(), kNow).value();
  EXPECT_THAT(CheckKeyOfCertificate(pem, key), IsOk());
  EXPECT_THAT(CheckKeyOfCertificate(pem, GenerateTlsKeyPem().value()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("belong together")));
  EXPECT_THAT(CheckKeyOfCertificate("no PEM", key), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(CheckKeyOfCertificate(pem, "no PEM"), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(CertificateTest, ServersCarryTheirNamesAndAddresses) {
  auto facts = ReadCertificate(authority_.Issue(request_, Coordinator(), kNow).value());
  ASSERT_THAT(facts, IsOk());
  EXPECT_THAT(facts->dns_names, ElementsAre("consort-coordinator", "music.example"));
  EXPECT_THAT(facts->ip_addresses, ElementsAre("127.0.0.1", "::1"));
}

TEST_F(CertificateTest, AuthorityIsAnAuthorityWithTheFingerprintItNames) {
  auto facts = ReadCertificate(authority_.certificate_pem());
  ASSERT_THAT(facts, IsOk());
  EXPECT_TRUE(facts->is_authority);
  EXPECT_EQ(facts->spiffe_id, "spiffe://demo");
  EXPECT_EQ(facts->fingerprint, authority_.Fingerprint().value());
}

TEST_F(CertificateTest, ChainHoldsBetweenItsDatesOnly) {
  const std::string pem = authority_.Issue(request_, Archive(), kNow).value();
  const std::string& ca = authority_.certificate_pem();
  EXPECT_THAT(VerifyChain(pem, ca, kNow), IsOk());
  EXPECT_THAT(VerifyChain(pem, ca, kNow - absl::Hours(1)),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("not yet valid")));
  EXPECT_THAT(VerifyChain(pem, ca, kNow + absl::Hours(24 * 366)),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("expired")));
}

TEST_F(CertificateTest, ChainOfAnotherFederationOfTheSameNameIsRefused) {
  const auto foreign = CertificateAuthority::Create("demo", kNow).value();
  const std::string pem = foreign.Issue(request_, Archive(), kNow).value();
  EXPECT_THAT(VerifyChain(pem, authority_.certificate_pem(), kNow),
              StatusIs(absl::StatusCode::kUnauthenticated, _));
}

TEST_F(CertificateTest, MemberCannotIssueForOthers) {
  TemporaryDirectory directory;
  const std::string key = GenerateTlsKeyPem().value();
  const std::string pem = authority_.Issue(MakeCertificateRequest(key).value(), Archive(), kNow).value();
  WriteFileOrDie(directory.Path("member.pem"), pem);
  ASSERT_THAT(WriteNewFile(directory.Path("member.key"), key, 0600), IsOk());
  EXPECT_THAT(CertificateAuthority::Load(directory.Path("member.pem"), directory.Path("member.key")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(CertificateTest, RequestOfAnotherKindOfKeyOrWithABrokenSignatureIsRefused) {
  TemporaryDirectory directory;
  ASSERT_THAT(SigningKey::Generate("a").Save(directory.Path("ed25519")), IsOk());
  EXPECT_FALSE(MakeCertificateRequest(ReadPrivateFile(directory.Path("ed25519")).value()).ok());
  EXPECT_THAT(MakeCertificateRequest("no key").status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(authority_.Issue("no request", Archive(), kNow).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));

  // The signature is the end of the DER; one letter of base64 before the last line's end changes it.
  std::string broken = request_;
  const size_t at = broken.find("\n-----END") - 6;
  broken[at] = broken[at] == 'A' ? 'B' : 'A';
  EXPECT_THAT(authority_.Issue(broken, Archive(), kNow).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(CertificateTest, SubjectsThatNameNobodyAreRefused) {
  for (const char* id :
       {"", "demo", "https://demo/archive/a", "spiffe://demo", "spiffe://demo/", "spiffe:///archive/a",
        "spiffe://demo/archive/a b", "spiffe://demo/archive/a,DNS:evil"}) {
    EXPECT_THAT(authority_.Issue(request_, {.spiffe_id = id}, kNow).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << id;
  }
  auto subject = Coordinator();
  subject.dns_names = {"a,URI:spiffe://demo/operator/x"};
  EXPECT_THAT(authority_.Issue(request_, subject, kNow).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  subject = Coordinator();
  subject.ip_addresses = {"300.1.1.1"};
  EXPECT_THAT(authority_.Issue(request_, subject, kNow).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(CertificateTest, FederationsNameIsChecked) {
  for (const char* name : {"", "a b", "a/b", "a+b"}) {
    EXPECT_THAT(CertificateAuthority::Create(name, kNow).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, _));
  }
}

TEST_F(CertificateTest, SavedAuthorityIssuesAsBefore) {
  TemporaryDirectory directory;
  ASSERT_THAT(authority_.Save(directory.Path("ca.pem"), directory.Path("ca.key")), IsOk());
  auto loaded = CertificateAuthority::Load(directory.Path("ca.pem"), directory.Path("ca.key"));
  ASSERT_THAT(loaded, IsOk());
  EXPECT_THAT(
      VerifyChain(loaded->Issue(request_, Archive(), kNow).value(), authority_.certificate_pem(), kNow),
      IsOk());
  EXPECT_THAT(authority_.Save(directory.Path("ca.pem"), directory.Path("ca.key")),
              StatusIs(absl::StatusCode::kAlreadyExists, _));
}

TEST_F(CertificateTest, AuthoritysKeyMustBeItsOwnersAlone) {
  TemporaryDirectory directory;
  ASSERT_THAT(authority_.Save(directory.Path("ca.pem"), directory.Path("ca.key")), IsOk());
  ASSERT_EQ(chmod(directory.Path("ca.key").c_str(), 0640), 0);
  EXPECT_THAT(CertificateAuthority::Load(directory.Path("ca.pem"), directory.Path("ca.key")).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, _));
}

TEST(ReadCertificateTest, RefusesWhatIsNoCertificate) {
  for (const char* text : {"", "text", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    EXPECT_THAT(ReadCertificate(text).status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
    EXPECT_THAT(VerifyChain(text, text, kNow), StatusIs(absl::StatusCode::kUnauthenticated, _));
  }
}

TEST_F(CertificateTest, FailuresLeaveNoErrorForTlsOnTheSameThread) {
  ERR_clear_error();
  EXPECT_FALSE(ReadCertificate("text").ok());
  EXPECT_FALSE(MakeCertificateRequest("text").ok());
  EXPECT_FALSE(authority_.Issue("text", Archive(), kNow).ok());
  EXPECT_FALSE(VerifyChain(authority_.Issue(request_, Archive(), kNow).value(), "", kNow).ok());
  EXPECT_FALSE(Ed25519Verify(std::string(32, '\xff'), "message", std::string(64, '\xff')));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

// OpenSSL's own program as a second reader: purposes and names as a TLS peer will judge them.
TEST_F(CertificateTest, OpensslJudgesPurposesAndNamesAsTlsPeersWill) {
  if (std::system("command -v openssl >/dev/null") != 0)
    GTEST_SKIP() << "the program openssl is not installed";
  TemporaryDirectory directory;
  WriteFileOrDie(directory.Path("ca.pem"), authority_.certificate_pem());
  WriteFileOrDie(directory.Path("server.pem"), authority_.Issue(request_, Coordinator(), kNow).value());
  WriteFileOrDie(directory.Path("client.pem"), authority_.Issue(request_, Archive(), kNow).value());
  const auto verifies = [&](const std::string& terms, const std::string& file) {
    return std::system(absl::StrCat("openssl verify -x509_strict -attime ", absl::ToUnixSeconds(kNow),
                                    " -CAfile ", directory.Path("ca.pem"), " ", terms, " ",
                                    directory.Path(file), " >/dev/null 2>&1")
                           .c_str()) == 0;
  };
  EXPECT_TRUE(verifies("-purpose sslserver -verify_hostname consort-coordinator", "server.pem"));
  EXPECT_TRUE(verifies("-purpose sslserver -verify_ip 127.0.0.1", "server.pem"));
  EXPECT_TRUE(verifies("-purpose sslclient", "client.pem"));
  EXPECT_FALSE(verifies("-purpose sslserver", "client.pem"));
  EXPECT_FALSE(verifies("-purpose sslserver -verify_hostname other.example", "server.pem"));
}

}  // namespace
}  // namespace consort
