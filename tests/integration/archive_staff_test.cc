// An archive's staff at the command line, with a federation of real processes behind it.
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/integration/federation.h"

namespace consort::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kJobLimit = absl::Seconds(60);
constexpr char kArchive[] = "archive-uk-1";

class ArchiveStaffTest : public ::testing::Test {
 protected:
  void SetUp() override {
    federation_.StartNodes();
    const std::string job = federation_.SubmitJob({});
    const Finished watched = federation_.Consort({"job", "watch", job}, kJobLimit);
    ASSERT_EQ(watched.exit_code, 0) << watched.output;
  }
  Finished Node(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CONSORT_NODE);
    arguments.insert(arguments.end(), {"--config", federation_.NodeConfig(kArchive)});
    return RunToEnd({arguments});
  }
  // The first entry that the archive may withdraw: it says so without --yes, and nothing is sent.
  std::string OwnContribution() {
    for (int leaf = 0; leaf < 40; ++leaf) {
      const std::string text = std::to_string(leaf);
      if (Node({"withdraw", "contribution", text, "--reason", "error"}).exit_code == 0) return text;
    }
    return "";
  }

  static FederationOptions QuickSeals() {
    FederationOptions options;
    options.environment["CONSORT_LEDGER_SEAL_SECONDS"] = "1";
    return options;
  }

  Federation federation_{QuickSeals()};
};

TEST_F(ArchiveStaffTest, ContributionIsWithdrawnOnceAndStatusAndDoctorHoldNothingAgainstTheLedger) {
  const std::string leaf = OwnContribution();
  ASSERT_NE(leaf, "");
  const Finished withdrawn =
      Node({"withdraw", "contribution", leaf, "--reason", "consent-withdrawn", "--yes"});
  EXPECT_EQ(withdrawn.exit_code, 0) << withdrawn.output;
  EXPECT_THAT(withdrawn.output, HasSubstr("ledger entry"));
  const Finished again = Node({"withdraw", "contribution", leaf, "--reason", "error", "--yes"});
  EXPECT_NE(again.exit_code, 0);
  EXPECT_THAT(again.output, HasSubstr("refused"));

  EXPECT_THAT(Node({"incident", "list"}).output, HasSubstr("nothing is held"));
  const nlohmann::json status = nlohmann::json::parse(Node({"status", "-o", "json"}).standard_output);
  EXPECT_GT(status["mirror_entries"].get<uint64_t>(), 0);
  EXPECT_THAT(status["witnessed_checkpoint"].get<std::string>(), HasSubstr("ledger.test/music"));
  EXPECT_THAT(status["incidents"], IsEmpty());
}

class ArchiveKeyTest : public ArchiveStaffTest, public ::testing::WithParamInterface<std::string> {};

// With two archives each policy asks for both, so that a new mirror key must count where the policy before it
// names the old one.
TEST_P(ArchiveKeyTest, NewKeyIsTakenIntoTheLedgerAndTheNextJobIsSignedAndWitnessedWithIt) {
  ASSERT_EQ(Node({"keys", "rotate", GetParam()}).exit_code, 0);
  federation_.node(kArchive).Kill();
  federation_.StartNode(kArchive);
  const std::string job = federation_.SubmitJob({});
  const Finished watched = federation_.Consort({"job", "watch", job}, kJobLimit);
  EXPECT_EQ(watched.exit_code, 0) << watched.output << federation_.node(kArchive).Output();
  EXPECT_THAT(federation_.node(kArchive).Output(),
              HasSubstr("the ledger has this archive's new " + GetParam() + " key"));
  ASSERT_EQ(federation_.Consort({"ledger", "export", federation_.Path("ledger")}).exit_code, 0);
  const Finished verified = federation_.Consort({"ledger", "verify", federation_.Path("ledger")});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
  EXPECT_THAT(Node({"incident", "list"}).output, HasSubstr("nothing is held"));
}

INSTANTIATE_TEST_SUITE_P(OfTheDaemon, ArchiveKeyTest, ::testing::Values("entries", "mirror"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace consort::testing
