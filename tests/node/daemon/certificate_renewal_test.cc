#include "node/daemon/certificate_renewal.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "node/daemon/daemon.h"
#include "node/daemon/tls_identity.h"
#include "tests/support/simulated_executor.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;

constexpr absl::Duration kDay = absl::Hours(24);

// Issues at the simulated clock's time, or fails as told.
class FakeAuthority : public RenewalCall {
 public:
  explicit FakeAuthority(testing::SimulatedExecutor& executor) : executor_(executor) {}

  void Renew(const std::string& csr_pem, std::function<void(absl::StatusOr<std::string>)> done) override {
    ++calls;
    if (!failure.ok()) return done(failure);
    auto issued = Issue(csr_pem);
    held = [issued = std::move(issued), done = std::move(done)] { done(issued); };
    if (!hold) std::exchange(held, nullptr)();
  }
  absl::StatusOr<std::string> Issue(const std::string& csr_pem) {
    return authority.Issue(csr_pem,
                           {.spiffe_id = spiffe_id, .validity = validity, .backdate = absl::ZeroDuration()},
                           executor_.WallClock());
  }

  CertificateAuthority authority =
      CertificateAuthority::Create("demo", absl::FromUnixSeconds(1'800'000'000)).value();
  std::string spiffe_id = "spiffe://demo/archive/archive-uk-1";
  absl::Duration validity = 90 * kDay;
  absl::Status failure;
  bool hold = false;
  std::function<void()> held;
  int calls = 0;

 private:
  testing::SimulatedExecutor& executor_;
};

// A certificate of 90 days, issued when the clock starts: a third is left after 60.
class CertificateRenewalTest : public ::testing::Test {
 protected:
  CertificateRenewalTest() {
    DeclareNodeMetrics(metrics_);
    const std::string key = GenerateTlsKeyPem().value();
    const std::string certificate = authority_.Issue(MakeCertificateRequest(key).value()).value();
    EXPECT_THAT(SaveTlsIdentity(path_, key, certificate), IsOk());
    renewal_.emplace(CertificateRenewal::Settings{path_, authority_.authority.certificate_pem()},
                     ReadCertificate(certificate).value(), executor_, authority_, metrics_,
                     [this] { return chance_; });
  }
  CertificateFacts Stored() { return ReadCertificate(testing::ReadFileOrDie(path_)).value(); }

  double chance_ = 0;
  testing::TemporaryDirectory directory_;
  const std::string path_ = directory_.Path("tls-identity.pem");
  testing::SimulatedExecutor executor_;
  FakeAuthority authority_{executor_};
  MetricsRegistry metrics_;
  std::optional<CertificateRenewal> renewal_;
};

TEST_F(CertificateRenewalTest, AsksWhenAThirdOfTheLifetimeIsLeftAndNotBefore) {
  renewal_->Start();
  executor_.Advance(60 * kDay - absl::Minutes(1));
  EXPECT_EQ(authority_.calls, 0);
  executor_.Advance(absl::Minutes(1));
  EXPECT_EQ(authority_.calls, 1);
}

TEST_F(CertificateRenewalTest, ChanceMovesTheMomentByAThirtiethAtMost) {
  chance_ = 0.999;  // 0.999 * 90 / 30 days later
  renewal_->Start();
  executor_.Advance(62 * kDay);
  EXPECT_EQ(authority_.calls, 0);
  executor_.Advance(kDay);
  EXPECT_EQ(authority_.calls, 1);
}

TEST_F(CertificateRenewalTest, NewKeyAndCertificateReplaceTheOldOnesAndTheNextRenewalFollows) {
  const CertificateFacts before = Stored();
  renewal_->Start();
  executor_.Advance(60 * kDay);
  const CertificateFacts after = Stored();
  EXPECT_NE(after.fingerprint, before.fingerprint);
  EXPECT_EQ(after.not_after, before.not_after + 60 * kDay);
  const std::string file = testing::ReadFileOrDie(path_);
  EXPECT_THAT(CheckKeyOfCertificate(file, file), IsOk());
  EXPECT_EQ(renewal_->current().fingerprint, after.fingerprint);
  executor_.Advance(60 * kDay);
  EXPECT_EQ(authority_.calls, 2);
}

TEST_F(CertificateRenewalTest, MetricSaysWhenTheCertificateInUseEnds) {
  renewal_->Start();
  // 1'800'000'000 s and 90 days, then 60 days more.
  EXPECT_THAT(metrics_.Render(),
              HasSubstr("consort_node_certificate_not_after_timestamp_seconds 1807776000"));
  executor_.Advance(60 * kDay);
  EXPECT_THAT(metrics_.Render(),
              HasSubstr("consort_node_certificate_not_after_timestamp_seconds 1812960000"));
}

TEST_F(CertificateRenewalTest, FailureIsRepeatedWithGrowingWaitsUntilItSucceeds) {
  chance_ = 0.5;  // half of the bound: 30 s, 1 min, 2 min, ... 3 h; 1.5 days after the third
  authority_.failure = absl::UnavailableError("away");
  const std::string before = testing::ReadFileOrDie(path_);
  renewal_->Start();
  executor_.Advance(61 * kDay + absl::Hours(12));
  EXPECT_EQ(authority_.calls, 1);
  executor_.Advance(absl::Seconds(30));
  EXPECT_EQ(authority_.calls, 2);
  executor_.Advance(absl::Minutes(1));
  EXPECT_EQ(authority_.calls, 3);
  executor_.Advance(10 * kDay);
  // At most 8 a day once the bound is reached, and not given up.
  EXPECT_LT(authority_.calls, 100);
  EXPECT_GT(authority_.calls, 70);
  EXPECT_EQ(testing::ReadFileOrDie(path_), before);
  authority_.failure = absl::OkStatus();
  executor_.Advance(absl::Hours(3));
  EXPECT_NE(testing::ReadFileOrDie(path_), before);
}

TEST_F(CertificateRenewalTest, MachineThatSleptThroughTheMomentAsksAtItsNextLook) {
  executor_.Advance(80 * kDay);
  renewal_->Start();
  executor_.RunUntilIdle();
  EXPECT_EQ(authority_.calls, 1);
}

TEST_F(CertificateRenewalTest, CertificateForSomebodyElseIsNotTaken) {
  const std::string before = testing::ReadFileOrDie(path_);
  authority_.spiffe_id = "spiffe://demo/archive/archive-uk-2";
  chance_ = 0.5;
  renewal_->Start();
  executor_.Advance(62 * kDay);
  EXPECT_GE(authority_.calls, 1);
  EXPECT_EQ(testing::ReadFileOrDie(path_), before);
}

TEST_F(CertificateRenewalTest, CertificateThatEndsNoLaterIsNotTaken) {
  const std::string before = testing::ReadFileOrDie(path_);
  authority_.validity = 10 * kDay;
  chance_ = 0.5;
  renewal_->Start();
  executor_.Advance(62 * kDay);
  EXPECT_GE(authority_.calls, 1);
  EXPECT_EQ(testing::ReadFileOrDie(path_), before);
}

TEST_F(CertificateRenewalTest, CertificateOfAnotherAuthorityIsNotTaken) {
  const std::string before = testing::ReadFileOrDie(path_);
  authority_.authority = CertificateAuthority::Create("demo", absl::FromUnixSeconds(1'800'000'000)).value();
  chance_ = 0.5;
  renewal_->Start();
  executor_.Advance(62 * kDay);
  EXPECT_GE(authority_.calls, 1);
  EXPECT_EQ(testing::ReadFileOrDie(path_), before);
}

TEST_F(CertificateRenewalTest, AnswerAfterTheEndIsIgnored) {
  const std::string before = testing::ReadFileOrDie(path_);
  authority_.hold = true;
  renewal_->Start();
  executor_.Advance(60 * kDay);
  ASSERT_NE(authority_.held, nullptr);
  renewal_->Stop();
  authority_.held();
  executor_.Advance(kDay);
  EXPECT_EQ(testing::ReadFileOrDie(path_), before);
  EXPECT_EQ(authority_.calls, 1);
}

}  // namespace
}  // namespace consort::node
