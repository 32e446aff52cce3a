// kill -9 at every step around commit, seal, cosign, mirror and publish: after a restart the round goes on,
// and the ledger, the mirrors and the published folder verify.
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"

namespace consort::testing {
namespace {

constexpr absl::Duration kJobLimit = absl::Seconds(90);
constexpr absl::Duration kDeathLimit = absl::Seconds(20);
constexpr int kKilled = 128 + 9;

struct CrashPoint {
  std::string failpoint;
  int hit = 1;  // late enough to be in the job's own round

  friend void PrintTo(const CrashPoint& point, std::ostream* out) {
    *out << point.failpoint << ":" << point.hit;
  }
};

FederationOptions QuickSeals() {
  FederationOptions options;
  options.environment["CONSORT_LEDGER_SEAL_SECONDS"] = "1";
  options.environment["CONSORT_LEDGER_PUBLISH"] = "state/public";  // the coordinator's
  return options;
}

// What must hold whatever was killed: every copy of the ledger passes every check.
void ExpectEveryCopyVerifies(Federation& federation) {
  ASSERT_EQ(federation.Consort({"ledger", "export", federation.Path("ledger")}).exit_code, 0);
  const Finished exported = federation.Consort({"ledger", "verify", federation.Path("ledger")});
  EXPECT_EQ(exported.exit_code, 0) << exported.output;
  const Finished published =
      federation.Consort({"ledger", "verify", federation.Path("coordinator/state/public")});
  EXPECT_EQ(published.exit_code, 0) << published.output;
  for (const std::string archive : {"archive-uk-1", "archive-cn-1"}) {
    const Finished mirror =
        federation.Consort({"ledger", "verify", "--mirror", federation.NodeConfig(archive)});
    EXPECT_EQ(mirror.exit_code, 0) << archive << ": " << mirror.output;
  }
}

std::string NameOf(const ::testing::TestParamInfo<CrashPoint>& info) {
  return absl::StrReplaceAll(info.param.failpoint, {{".", "_"}, {"-", "_"}});
}

class CoordinatorCrashTest : public ::testing::TestWithParam<CrashPoint> {};

TEST_P(CoordinatorCrashTest, TheJobGoesOnAndEveryCopyOfTheLedgerVerifies) {
  // The job is there and its archives run before the coordinator may die: no call of ours is under way then.
  Federation federation(QuickSeals());
  federation.StartNodes();
  const std::string job = federation.SubmitJob({});
  federation.KillCoordinator();
  federation.SetCoordinatorEnvironment(
      {{"CONSORT_FAILPOINT", GetParam().failpoint + ":" + std::to_string(GetParam().hit)}});
  federation.StartCoordinator();

  ASSERT_EQ(federation.coordinator().Wait(kDeathLimit), kKilled) << federation.coordinator().Output();
  federation.UnsetCoordinatorEnvironment("CONSORT_FAILPOINT");
  federation.StartCoordinator();

  const Finished watched = federation.Consort({"job", "watch", job}, kJobLimit);
  EXPECT_EQ(watched.exit_code, 0) << watched.output << federation.coordinator().Output();
  ExpectEveryCopyVerifies(federation);
}

INSTANTIATE_TEST_SUITE_P(
    EveryStep, CoordinatorCrashTest,
    ::testing::Values(CrashPoint{"append.before-commit", 5}, CrashPoint{"append.committed", 5},
                      CrashPoint{"seal.before-commit", 2}, CrashPoint{"seal.committed", 2},
                      CrashPoint{"witness.asked", 2}, CrashPoint{"cosign.received", 2},
                      CrashPoint{"cosign.committed", 2}, CrashPoint{"publish.tiles", 3},
                      CrashPoint{"publish.notes", 3}, CrashPoint{"publish.checkpoint", 3}),
    NameOf);

class NodeCrashTest : public ::testing::TestWithParam<CrashPoint> {};

TEST_P(NodeCrashTest, TheJobGoesOnAndEveryCopyOfTheLedgerVerifies) {
  constexpr char kArchive[] = "archive-cn-1";
  Federation federation(QuickSeals());
  federation.SetEnvironment(
      kArchive, {{"CONSORT_FAILPOINT", GetParam().failpoint + ":" + std::to_string(GetParam().hit)}});
  federation.StartNodes();
  const std::string job = federation.SubmitJob({});

  ASSERT_EQ(federation.node(kArchive).Wait(kDeathLimit), kKilled) << federation.node(kArchive).Output();
  federation.UnsetEnvironment(kArchive, "CONSORT_FAILPOINT");
  federation.StartNode(kArchive);

  const Finished watched = federation.Consort({"job", "watch", job}, kJobLimit);
  EXPECT_EQ(watched.exit_code, 0) << watched.output << federation.node(kArchive).Output();
  ExpectEveryCopyVerifies(federation);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, NodeCrashTest,
                         ::testing::Values(CrashPoint{"mirror.fetched", 2}, CrashPoint{"mirror.stored", 2},
                                           CrashPoint{"witness.stored", 2}, CrashPoint{"witness.signed", 2},
                                           CrashPoint{"witness.answered", 2}),
                         NameOf);

}  // namespace
}  // namespace consort::testing
