#include "node/app/doctor_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "node/rpc/control_service.h"
#include "tests/common/rpc/test_federation.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using ::testing::HasSubstr;
using Verdict = CheckResult::Verdict;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr char kArchive[] = "spiffe://example.org/archive/archive-uk-1";

// An archive whose coordinator is not reachable: what can be said without it.
class DoctorChecksTest : public ::testing::Test {
 protected:
  DoctorChecksTest() {
    config_.archive = "archive-uk-1";
    config_.federation = federation_.name();
    config_.address = "127.0.0.1:1";  // nobody listens there
    config_.state_directory = federation_.Path("");
    config_.keys_directory = federation_.Path("");
    config_.control_socket = federation_.Path("control.sock");
  }
  // A certificate of 100 days, from now on.
  void Enrol() {
    const auto files = federation_.Issue(kArchive, now_, 100 * kDay);
    ASSERT_EQ(rename(files.certificate_path.c_str(), federation_.Path("tls.pem").c_str()), 0);
    ASSERT_EQ(rename(files.key_path.c_str(), federation_.Path("tls.key").c_str()), 0);
    ASSERT_EQ(chmod(federation_.Path("tls.key").c_str(), 0600), 0);
  }
  CheckResult Check(const std::string& name, absl::Duration later = absl::ZeroDuration()) {
    for (const CheckResult& result : RunChecks(config_, now_ + later)) {
      if (result.name == name) return result;
    }
    return {"not checked: " + name, Verdict::kPass, "", ""};
  }
  // Answers on the control socket as a daemon whose trainer reports this.
  void Serve(const v1::DescribeResponse& trainer) {
    v1::NodeStatus status;
    status.set_trainer_ready(true);
    *status.mutable_trainer() = trainer;
    ControlServer::Calls calls;
    calls.status = [status] { return status; };
    server_ = ControlServer::Start(config_.control_socket, {getuid()}, std::move(calls)).value();
  }

  const absl::Time now_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  testing::TestFederation federation_;
  NodeConfig config_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(DoctorChecksTest, DaysLeftOfTheCertificateAreShown) {
  Enrol();
  const CheckResult result = Check("expiry", 50 * kDay);
  EXPECT_EQ(result.verdict, Verdict::kPass);
  EXPECT_THAT(result.found, HasSubstr("50 days left"));
}

TEST_F(DoctorChecksTest, CertificateThatShouldHaveBeenRenewedIsAWarning) {
  Enrol();
  const CheckResult result = Check("expiry", 76 * kDay);  // a third was left 10 days ago
  EXPECT_EQ(result.verdict, Verdict::kWarn);
  EXPECT_EQ(result.advice, "node.doctor.renewal.do");
}

TEST_F(DoctorChecksTest, ExpiredCertificateFails) {
  Enrol();
  EXPECT_EQ(Check("expiry", 101 * kDay).verdict, Verdict::kFail);
}

TEST_F(DoctorChecksTest, RenewedIdentityIsWhatIsLookedAt) {
  Enrol();
  const auto renewed = federation_.Issue(kArchive, now_ + kDay, 200 * kDay);
  ASSERT_TRUE(SaveTlsIdentity(config_.tls_identity_path(), testing::ReadFileOrDie(renewed.key_path),
                              renewed.certificate_pem)
                  .ok());
  EXPECT_EQ(Check("expiry", 101 * kDay).verdict, Verdict::kPass);
}

TEST_F(DoctorChecksTest, UndeclaredConsentIsNamed) {
  v1::DescribeResponse trainer;
  trainer.add_problems()->set_code("no-consent");
  Serve(trainer);
  const CheckResult result = Check("consent");
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.advice, "node.doctor.consent.do");
}

TEST_F(DoctorChecksTest, UnreadableRecordingsAreShownByTheirIds) {
  v1::DescribeResponse trainer;
  trainer.add_supplies()->set_training_recordings(3);
  trainer.add_problems()->set_code("unreadable");
  trainer.mutable_problems(0)->set_recording_id("4f1c");
  Serve(trainer);
  const CheckResult result = Check("recordings");
  EXPECT_EQ(result.verdict, Verdict::kWarn);
  EXPECT_THAT(result.found, HasSubstr("4f1c unreadable"));
}

TEST_F(DoctorChecksTest, CoordinatorThatIsNotThereIsUnreachableAndNothingMoreIsTried) {
  EXPECT_EQ(Check("reachability").verdict, Verdict::kFail);
  EXPECT_EQ(Check("tls").name, "not checked: tls");
}

}  // namespace
}  // namespace consort::node
