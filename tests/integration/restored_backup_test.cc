// A coordinator that comes back from an old backup has forgotten entries that archives hold receipts for. It
// must not go on from there; from a mirror it can.
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"

namespace consort::testing {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kLimit = absl::Seconds(90);

FederationOptions QuickSeals() {
  FederationOptions options;
  options.environment["CONSORT_LEDGER_SEAL_SECONDS"] = "1";
  return options;
}

std::string MirrorOf(Federation& federation, const std::string& archive) {
  return federation.Path(archive + "/node/state/ledger/mirror");
}

TEST(RestoredBackupTest, AnOldBackupRefusesToSignAndTheMirrorsBringTheLedgerBack) {
  Federation federation(QuickSeals());
  federation.StartNodes();
  const std::string config = federation.Path("coordinator/coordinator.toml");
  const Finished backup =
      RunToEnd({{CONSORT_COORDINATOR, "backup", federation.Path("monday"), "--config", config}});
  ASSERT_EQ(backup.exit_code, 0) << backup.output;
  const std::string before = federation.SubmitJob({});
  ASSERT_EQ(federation.Consort({"job", "watch", before}, kLimit).exit_code, 0);
  const nlohmann::json full = federation.Status();

  // The backup as it is.
  federation.KillCoordinator();
  ASSERT_EQ(
      RunToEnd({{CONSORT_COORDINATOR, "restore", federation.Path("monday"), "--to", federation.Path("old")}})
          .exit_code,
      0);
  federation.SetCoordinatorFolder("old");
  federation.StartCoordinator();
  EXPECT_TRUE(federation.WaitForStatus(
      [](const nlohmann::json& status) {
        return status["ledger_hold"].get<std::string>().find("rolled-back") != std::string::npos;
      },
      kLimit))
      << federation.coordinator().Output();
  EXPECT_THAT(federation.coordinator().Output(), HasSubstr("--from-mirror"));

  // The backup and the mirrors.
  federation.KillCoordinator();
  const Finished restored =
      RunToEnd({{CONSORT_COORDINATOR, "restore", federation.Path("monday"), "--to", federation.Path("new"),
                 "--from-mirror", MirrorOf(federation, "archive-uk-1"), "--from-mirror",
                 MirrorOf(federation, "archive-cn-1"), "--yes"}});
  ASSERT_EQ(restored.exit_code, 0) << restored.output;
  federation.SetCoordinatorFolder("new");
  federation.StartCoordinator();
  EXPECT_GE(std::stoull(federation.Status()["ledger_entries"].dump()),
            std::stoull(full["ledger_witnessed_size"].dump()));

  const std::string after = federation.SubmitJob({});
  const Finished watched = federation.Consort({"job", "watch", after}, kLimit);
  EXPECT_EQ(watched.exit_code, 0) << watched.output << federation.coordinator().Output();
}

}  // namespace
}  // namespace consort::testing
