#include "tests/integration/federation.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace consort::testing {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kJobLimit = absl::Seconds(90);

std::string TensorDigestOf(Federation& federation, const std::string& job) {
  const Finished shown = federation.Consort({"job", "show", job, "-o", "json"});
  return JsonField(shown.standard_output, "/model_tensor_digest");
}

TEST(FederationTest, JobRunsToItsReleaseAndTheExportedLedgerVerifies) {
  Federation federation({});
  federation.StartNodes();
  const std::string job = federation.SubmitJob({.rounds = 2});

  const Finished watched = federation.Consort({"job", "watch", job}, kJobLimit);
  ASSERT_EQ(watched.exit_code, 0) << watched.output << federation.coordinator().Output();

  const Finished exported = federation.Consort({"ledger", "export", federation.Path("ledger")});
  ASSERT_EQ(exported.exit_code, 0) << exported.output;
  const Finished verified = federation.Consort({"ledger", "verify", federation.Path("ledger")});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

TEST(FederationTest, CoordinatorKilledInMidRoundResumesAndTheModelIsBitEqual) {
  FederationOptions slow;
  slow.environment["CONSORT_NULL_TRAIN_MILLIS"] = "1500";
  std::string undisturbed;
  {
    Federation federation(slow);
    federation.StartNodes();
    const std::string job = federation.SubmitJob({.rounds = 2});
    ASSERT_EQ(federation.Consort({"job", "watch", job}, kJobLimit).exit_code, 0);
    undisturbed = TensorDigestOf(federation, job);
  }

  Federation federation(slow);
  federation.StartNodes();
  const std::string job = federation.SubmitJob({.rounds = 2});
  const auto watch = federation.StartConsort({"job", "watch", job});
  ASSERT_TRUE(watch->WaitForOutput("round 1 archive-cn-1 training", kJobLimit)) << watch->Output();
  federation.KillCoordinator();
  federation.StartCoordinator();

  EXPECT_EQ(watch->Wait(kJobLimit), 0) << watch->Output() << federation.coordinator().Output();
  EXPECT_EQ(TensorDigestOf(federation, job), undisturbed);
}

TEST(FederationTest, JobWithoutItsQuorumEndsWithCodeFiveAndNamesWhoWasMissing) {
  Federation federation({});
  federation.StartNode("archive-uk-1");
  const std::string job = federation.SubmitJob({.recruiting_seconds = 3});

  const Finished watched = federation.Consort({"job", "watch", job}, kJobLimit);

  EXPECT_EQ(watched.exit_code, 5) << watched.output;
  EXPECT_THAT(watched.output, HasSubstr("archive-cn-1"));
}

}  // namespace
}  // namespace consort::testing
