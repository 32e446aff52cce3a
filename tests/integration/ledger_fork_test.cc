// A coordinator that keeps two ledgers, signed by the same keys, and shows one to each half of its archives.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"
#include "tests/support/loopback.h"

namespace consort::testing {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kLimit = absl::Seconds(60);
constexpr char kDeceived[] = "archive-cn-1";  // sees the second ledger

class LedgerForkTest : public ::testing::Test {
 protected:
  LedgerForkTest() : federation_(Options()), second_port_(FreePort()) {
    federation_.StartNodes();
    EXPECT_TRUE(federation_.WaitForStatus(
        [](const nlohmann::json& status) {
          return !status["ledger_witnessed_size"].is_null() && SizeOf(status, "ledger_witnessed_size") > 0 &&
                 SizeOf(status, "ledger_witnessed_size") == SizeOf(status, "ledger_entries");
        },
        kLimit))
        << federation_.coordinator().Output();
    common_size_ = SizeOf(federation_.Status(), "ledger_entries");
  }

  static FederationOptions Options() {
    FederationOptions options;
    options.environment["CONSORT_LEDGER_SEAL_SECONDS"] = "1";
    return options;
  }
  static uint64_t SizeOf(const nlohmann::json& status, const std::string& member) {
    return std::stoull(status[member].is_string() ? status[member].get<std::string>()
                                                  : status[member].dump());
  }

  // With sockets and modes, which std::filesystem::copy does not do.
  void Copy(const std::string& from, const std::string& to) {
    ASSERT_EQ(RunToEnd({{"cp", "-a", federation_.Path(from), federation_.Path(to)}}).exit_code, 0);
  }

  // Two coordinators from here on, with one history behind them and the same keys.
  void Fork() {
    federation_.node(kDeceived).Kill();
    federation_.KillCoordinator();
    Copy("coordinator", "second");
    Copy("operator", "operator-second");
    const std::string address = absl::StrCat("127.0.0.1:", second_port_);
    const std::string profile = federation_.Path("operator-second/profile.toml");
    WriteFileOrDie(profile, absl::StrReplaceAll(ReadFileOrDie(profile),
                                                {{absl::StrCat("127.0.0.1:", federation_.port()), address}}));
    federation_.StartCoordinator();
    second_ = std::make_unique<Process>(
        ProcessOptions{{CONSORT_COORDINATOR, "run", "--config", federation_.Path("second/coordinator.toml")},
                       {{"CONSORT_LEDGER_SEAL_SECONDS", "1"},
                        {"CONSORT_METRICS_LISTEN", ""},
                        {"CONSORT_SERVER_LISTEN", address},
                        {"CONSORT_SERVER_ADVERTISE", address}}});
    ASSERT_TRUE(second_->WaitForOutput("ready", kLimit)) << second_->Output();
    federation_.SetEnvironment(kDeceived, {{"CONSORT_COORDINATOR_ADDRESS", address}});
    federation_.StartNode(kDeceived);
  }

  Finished AtSecond(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CONSORT_CLI);
    arguments.insert(arguments.end(), {"--profile", federation_.Path("operator-second")});
    return RunToEnd({arguments});
  }

  // Exports both ledgers once each has entries of its own under a signed checkpoint.
  void ExportBoth() {
    const auto grown = [this](const nlohmann::json& status) {
      return SizeOf(status, "ledger_sealed_size") > common_size_;
    };
    ASSERT_TRUE(federation_.WaitForStatus(grown, kLimit)) << federation_.coordinator().Output();
    const absl::Time deadline = absl::Now() + kLimit;
    while (!grown(nlohmann::json::parse(AtSecond({"federation", "status", "-o", "json"}).standard_output))) {
      ASSERT_LT(absl::Now(), deadline) << second_->Output();
    }
    ASSERT_EQ(federation_.Consort({"ledger", "export", federation_.Path("view-1")}).exit_code, 0);
    ASSERT_EQ(AtSecond({"ledger", "export", federation_.Path("view-2")}).exit_code, 0);
  }

  Federation federation_;
  const int second_port_;
  uint64_t common_size_ = 0;
  std::unique_ptr<Process> second_;
};

TEST_F(LedgerForkTest, NeitherViewIsWitnessedTwoCheckpointsProveItAndTheFirstArchiveThatTurnsStopsTheLog) {
  Fork();
  federation_.SubmitJob({});
  const std::string base =
      federation_.Consort({"artifact", "put", federation_.Path("base.safetensors")}).output;
  ASSERT_EQ(AtSecond({"artifact", "put", federation_.Path("base.safetensors")}).exit_code, 0) << base;
  const Finished submitted = AtSecond(
      {"job", "submit", federation_.Path("job.toml"), "--base",
       JsonField(
           AtSecond({"artifact", "put", federation_.Path("base.safetensors"), "-o", "json"}).standard_output,
           "/digest"),
       "-o", "json"});
  ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
  ExportBoth();

  // One archive of two is no quorum, so neither view gets further than what both had seen.
  EXPECT_EQ(SizeOf(federation_.Status(), "ledger_witnessed_size"), common_size_);
  const nlohmann::json other =
      nlohmann::json::parse(AtSecond({"federation", "status", "-o", "json"}).standard_output);
  EXPECT_EQ(SizeOf(other, "ledger_witnessed_size"), common_size_);

  const Finished compared = federation_.Consort(
      {"ledger", "compare", federation_.Path("view-1/checkpoint"), federation_.Path("view-2/checkpoint"),
       "--from", federation_.Path("view-1"), "--evidence", federation_.Path("evidence.txt")});
  EXPECT_EQ(compared.exit_code, 6) << compared.output;
  EXPECT_THAT(ReadFileOrDie(federation_.Path("evidence.txt")), HasSubstr("ledger.test/music"));

  // The deceived archive meets the other coordinator, which then knows that there is another history.
  federation_.node(kDeceived).Kill();
  federation_.UnsetEnvironment(kDeceived, "CONSORT_COORDINATOR_ADDRESS");
  federation_.StartNode(kDeceived);
  EXPECT_TRUE(federation_.WaitForStatus(
      [](const nlohmann::json& status) {
        return status["ledger_hold"].get<std::string>().find("rolled-back") != std::string::npos;
      },
      kLimit))
      << federation_.coordinator().Output();
}

}  // namespace
}  // namespace consort::testing
