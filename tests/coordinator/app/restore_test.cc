// A coordinator that lost its disk: an older backup and what archives mirrored.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/ledger/entry.h"
#include "coordinator/app/commands.h"
#include "coordinator/app/coordinator_copy.h"
#include "coordinator/app/ledger_copy.h"
#include "coordinator/enrol/enrolment.h"
#include "coordinator/ledger/live_rules.h"
#include "coordinator/ledger/stored_tree.h"
#include "coordinator/store/sqlite_store.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/coordinator/app/coordinator_folder.h"
#include "tests/coordinator/enrol/test_enrolment.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

namespace fs = std::filesystem;
using testing::CoordinatorFolder;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ReadFileOrDie;
using testing::StatusIs;
using testing::WriteFileOrDie;

class RestoreTest : public ::testing::Test {
 protected:
  void Grow(CoordinatorFolder& folder, int entries) {
    CoordinatorFolder::Running running = folder.Start();
    for (int i = 0; i < entries; ++i) EXPECT_THAT(running.Append(), IsOk());
    running.Seal();
  }
  void BackUp() { ASSERT_THAT(RunBackup(folder_.config_path(), folder_.Outside("backup")), IsOk()); }
  // What an archive holds of the ledger as it stands now.
  std::string Mirror(CoordinatorFolder& folder, const std::string& name) {
    EXPECT_THAT(ExportAndVerify(folder.config(), folder_.Outside(name)), IsOk());
    return folder_.Outside(name);
  }
  absl::Status Restore(const std::vector<std::string>& mirrors, bool really = true) {
    return RunRestoreFromMirror({folder_.Outside("backup"), folder_.Outside("restored"), mirrors, really});
  }
  CoordinatorConfig Restored() const {
    return LoadCoordinatorConfig(folder_.Outside("restored/coordinator.toml")).value();
  }
  // Predicates of the restored ledger's entries of a kind.
  std::vector<nlohmann::json> Entries(absl::string_view kind) {
    const auto store = SqliteStore::Open(Restored().database()).value();
    std::vector<nlohmann::json> found;
    EXPECT_THAT(store->Transact([&](Transaction& transaction) {
      return transaction.ReadLeaves(0, transaction.LedgerSize().value(), [&](const LeafRow& leaf) {
        if (leaf.kind == kind)
          found.push_back(nlohmann::json::parse(ledger::ReadEntry(leaf.body)->predicate));
        return absl::OkStatus();
      });
    }),
                IsOk());
    return found;
  }
  Digest RootOf(const CoordinatorConfig& config, uint64_t size) {
    const auto store = SqliteStore::Open(config.database()).value();
    Digest root{};
    EXPECT_THAT(store->Transact([&](Transaction& transaction) {
      root = StoredRoot(transaction, size).value();
      return absl::OkStatus();
    }),
                IsOk());
    return root;
  }

  CoordinatorFolder folder_;
};

TEST_F(RestoreTest, APreviewMakesNothing) {
  Grow(folder_, 3);
  BackUp();
  Grow(folder_, 5);
  EXPECT_THAT(Restore({Mirror(folder_, "mirror")}, /*really=*/false), IsOk());
  EXPECT_FALSE(fs::exists(folder_.Outside("restored")));
}

TEST_F(RestoreTest, EntriesAfterTheBackupComeFromTheMirror) {
  Grow(folder_, 3);  // 4 with the coordinator's own keys
  BackUp();
  Grow(folder_, 600);
  Grow(folder_, 5);
  ASSERT_THAT(Restore({Mirror(folder_, "mirror")}), IsOk());
  EXPECT_EQ(RootOf(Restored(), 609), RootOf(folder_.config(), 609));
  const std::vector<nlohmann::json> incidents = Entries("incident");
  ASSERT_EQ(incidents.size(), 609u);  // of the folder's own, which are incidents too, and the new one
  EXPECT_EQ(incidents.back()["kind"], "restored");
  EXPECT_EQ(incidents.back()["detail"], "backup-4-mirror-609");
  // It opens as a coordinator does, and goes on.
  const auto store = SqliteStore::Open(Restored().database()).value();
  const CoordinatorKeys keys = LoadCoordinatorKeys(Restored(), *store).value();
  const auto sequencer = OpenSequencer(Restored(), *store, keys, folder_.executor());
  ASSERT_THAT(sequencer, IsOk());
  EXPECT_EQ((*sequencer)->Seal()->size, 610u);
}

TEST_F(RestoreTest, TheLargestMirrorIsTakenAndTheOthersMustBePrefixes) {
  Grow(folder_, 3);
  BackUp();
  Grow(folder_, 4);
  const std::string small = Mirror(folder_, "small");
  Grow(folder_, 4);
  const std::string large = Mirror(folder_, "large");
  ASSERT_THAT(Restore({small, large}), IsOk());
  EXPECT_EQ(Entries("incident").back()["detail"], "backup-4-mirror-12");
}

TEST_F(RestoreTest, ABackupThatIsNewerThanEveryMirrorKeepsItsEntries) {
  Grow(folder_, 3);
  const std::string mirror = Mirror(folder_, "mirror");
  Grow(folder_, 4);
  BackUp();
  ASSERT_THAT(Restore({mirror}), IsOk());
  EXPECT_EQ(RootOf(Restored(), 8), RootOf(folder_.config(), 8));
  EXPECT_EQ(Entries("incident").back()["detail"], "backup-8-mirror-4");
}

// Two histories from one backup: whoever is right, nothing is taken.
TEST_F(RestoreTest, MirrorsOfTwoHistoriesAreRefused) {
  Grow(folder_, 3);
  BackUp();
  const fs::path before = folder_.Outside("before");
  fs::copy(folder_.Path(""), before, fs::copy_options::recursive);
  Grow(folder_, 4);
  const std::string one = Mirror(folder_, "one");
  fs::remove_all(folder_.Path(""));
  fs::copy(before, folder_.Path(""), fs::copy_options::recursive);
  Grow(folder_, 6);
  const std::string other = Mirror(folder_, "other");
  EXPECT_THAT(Restore({one, other}), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("consistency")));
}

TEST_F(RestoreTest, AMirrorWithAFlippedByteIsRefused) {
  Grow(folder_, 3);
  BackUp();
  Grow(folder_, 4);
  const std::string mirror = Mirror(folder_, "mirror");
  std::string bytes = ReadFileOrDie(mirror + "/tile/entries/000.p/8");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFileOrDie(mirror + "/tile/entries/000.p/8", bytes);
  EXPECT_THAT(Restore({mirror}), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("nothing was done")));
}

TEST_F(RestoreTest, TheMirrorOfAnotherFederationIsRefused) {
  Grow(folder_, 3);
  BackUp();
  CoordinatorFolder other;
  Grow(other, 9);
  EXPECT_FALSE(Restore({Mirror(other, "mirror")}).ok());
}

TEST_F(RestoreTest, ATargetThatHoldsSomethingIsRefusedAndStays) {
  BackUp();
  fs::create_directory(folder_.Outside("restored"));
  WriteFileOrDie(folder_.Outside("restored/mine"), "x");
  EXPECT_THAT(Restore({Mirror(folder_, "mirror")}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("not empty")));
  EXPECT_EQ(ReadFileOrDie(folder_.Outside("restored/mine")), "x");
}

TEST_F(RestoreTest, AJobThatWasUnderWayEndsAsFailed) {
  {
    CoordinatorFolder::Running running = folder_.Start();
    ASSERT_THAT(running.store->Transact([](Transaction& transaction) {
      JobRow job;
      job.job_id = std::string(32, 'a');
      job.job_digest = std::string(64, 'b');
      job.state = v1::JOB_STATE_RUNNING;
      return transaction.Put(job);
    }),
                IsOk());
  }
  BackUp();
  Grow(folder_, 2);
  ASSERT_THAT(Restore({Mirror(folder_, "mirror")}), IsOk());
  const std::vector<nlohmann::json> decisions = Entries("decision");
  ASSERT_EQ(decisions.size(), 1u);
  EXPECT_EQ(decisions[0]["job_id"], std::string(32, 'a'));
  EXPECT_EQ(decisions[0]["outcome"], "failed");
  EXPECT_EQ(decisions[0]["reason"], "coordinator-restored");
  const auto store = SqliteStore::Open(Restored().database()).value();
  ASSERT_THAT(store->Transact([](Transaction& transaction) {
    const JobRow job = transaction.GetJob(std::string(32, 'a')).value();
    EXPECT_EQ(job.state, v1::JOB_STATE_FAILED);
    EXPECT_EQ(job.reason, "coordinator-restored");
    return absl::OkStatus();
  }),
              IsOk());
}

// An archive that enrolled, and one that was revoked, since the backup.
TEST_F(RestoreTest, MembersAreThoseOfTheLedger) {
  const auto enrol = [this](const std::string& archive) {
    CoordinatorFolder::Running running = folder_.Start();
    MemberDirectory directory;
    Enrolment enrolment(
        {*running.store, *running.sequencer, running.keys->authority, directory, folder_.executor()},
        "host.example.org:1");
    const Invitation invitation =
        ParseInvitation(enrolment.CreateInvitation(v1::ROLE_ARCHIVE, archive, 0)->line).value();
    ASSERT_THAT(
        enrolment.Enrol(testing::RequestFor(invitation, testing::TlsRequest::Generate(),
                                            testing::ArchiveKeySet::Generate(archive, "example.org"))),
        IsOk());
    running.Seal();
  };
  enrol("archive-uk-1");
  BackUp();
  enrol("archive-cn-1");
  {
    CoordinatorFolder::Running running = folder_.Start();
    MemberDirectory directory;
    Enrolment enrolment(
        {*running.store, *running.sequencer, running.keys->authority, directory, folder_.executor()},
        "host.example.org:1");
    ASSERT_THAT(enrolment.Revoke(v1::ROLE_ARCHIVE, "archive-uk-1", "lost-key"), IsOk());
    running.Seal();
  }
  MemberRow wanted;
  {
    CoordinatorFolder::Running running = folder_.Start();
    ASSERT_THAT(running.store->Transact([&](Transaction& transaction) {
      wanted = transaction.GetMember(v1::ROLE_ARCHIVE, "archive-cn-1").value();
      return absl::OkStatus();
    }),
                IsOk());
  }
  ASSERT_THAT(Restore({Mirror(folder_, "mirror")}), IsOk());
  const auto store = SqliteStore::Open(Restored().database()).value();
  ASSERT_THAT(store->Transact([&](Transaction& transaction) {
    EXPECT_TRUE(transaction.GetMember(v1::ROLE_ARCHIVE, "archive-uk-1")->revoked);
    const MemberRow found = transaction.GetMember(v1::ROLE_ARCHIVE, "archive-cn-1").value();
    EXPECT_FALSE(found.revoked);
    EXPECT_EQ(found.entries_vkey, wanted.entries_vkey);
    EXPECT_EQ(found.mirror_vkey, wanted.mirror_vkey);
    EXPECT_EQ(found.approval_vkey, wanted.approval_vkey);
    EXPECT_EQ(found.certificate_fingerprint, wanted.certificate_fingerprint);
    EXPECT_EQ(found.enrol_index, wanted.enrol_index);
    EXPECT_LE(found.enrolled_unix_seconds, wanted.enrolled_unix_seconds);  // its certificate is good
    return absl::OkStatus();
  }),
              IsOk());
}

}  // namespace
}  // namespace consort::coordinator
