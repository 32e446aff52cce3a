#include "node/daemon/tls_identity.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class TlsIdentityTest : public ::testing::Test {
 protected:
  struct Pair {
    std::string key;
    std::string certificate;
  };
  Pair Issue(absl::Time now) {
    Pair pair;
    pair.key = GenerateTlsKeyPem().value();
    pair.certificate = authority_
                           .Issue(MakeCertificateRequest(pair.key).value(),
                                  {.spiffe_id = "spiffe://demo/archive/archive-uk-1"}, now)
                           .value();
    return pair;
  }
  void Enrol(const Pair& pair) {
    ASSERT_THAT(ReplaceFile(enrolled_.certificate_path, pair.certificate, 0644), IsOk());
    ASSERT_THAT(ReplaceFile(enrolled_.key_path, pair.key, 0600), IsOk());
  }
  std::string Stored() { return testing::ReadFileOrDie(identity_); }

  testing::TemporaryDirectory directory_;
  CertificateAuthority authority_ = CertificateAuthority::Create("demo", kNow).value();
  const TlsFiles enrolled_{directory_.Path("tls.pem"), directory_.Path("tls.key")};
  const std::string identity_ = directory_.Path("tls-identity.pem");
};

TEST_F(TlsIdentityTest, FirstStartTakesThePairFromEnrolmentIntoOneFileForItsOwner) {
  const Pair pair = Issue(kNow);
  Enrol(pair);
  const auto facts = PrepareTlsIdentity(enrolled_, identity_);
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->fingerprint, ReadCertificate(pair.certificate)->fingerprint);
  EXPECT_EQ(Stored(), absl::StrCat(pair.key, pair.certificate));
  struct stat file {};
  ASSERT_EQ(stat(identity_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(TlsIdentityTest, RenewedIdentityIsKeptOverAnOlderEnrolment) {
  Enrol(Issue(kNow));
  const Pair renewed = Issue(kNow + absl::Hours(24));
  ASSERT_THAT(SaveTlsIdentity(identity_, renewed.key, renewed.certificate), IsOk());
  EXPECT_EQ(PrepareTlsIdentity(enrolled_, identity_)->fingerprint,
            ReadCertificate(renewed.certificate)->fingerprint);
  EXPECT_EQ(Stored(), absl::StrCat(renewed.key, renewed.certificate));
}

TEST_F(TlsIdentityTest, PairThatWasEnrolledLaterReplacesARenewedIdentity) {
  const Pair renewed = Issue(kNow);
  ASSERT_THAT(SaveTlsIdentity(identity_, renewed.key, renewed.certificate), IsOk());
  const Pair enrolled = Issue(kNow + absl::Hours(24));
  Enrol(enrolled);
  ASSERT_THAT(PrepareTlsIdentity(enrolled_, identity_), IsOk());
  EXPECT_EQ(Stored(), absl::StrCat(enrolled.key, enrolled.certificate));
}

TEST_F(TlsIdentityTest, WithoutAnyFileTheOneFromEnrolmentIsMissed) {
  EXPECT_THAT(PrepareTlsIdentity(enrolled_, identity_).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("tls.pem")));
}

TEST_F(TlsIdentityTest, KeyOfAnotherCertificateIsRefusedAndTheFileStaysAsItWas) {
  const Pair good = Issue(kNow);
  ASSERT_THAT(SaveTlsIdentity(identity_, good.key, good.certificate), IsOk());
  EXPECT_THAT(SaveTlsIdentity(identity_, GenerateTlsKeyPem().value(), Issue(kNow).certificate),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("belong together")));
  EXPECT_EQ(Stored(), absl::StrCat(good.key, good.certificate));
}

}  // namespace
}  // namespace consort::node
