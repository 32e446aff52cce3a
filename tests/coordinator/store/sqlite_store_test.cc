#include "coordinator/store/sqlite_store.h"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "tests/coordinator/store/failing_disk.h"
#include "tests/coordinator/store/store_conformance.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::FailingDisk;
using ::consort::testing::IsOk;
using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Not;

class SqliteHarness : public StoreHarness {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open() override {
    return SqliteStore::Open(directory_.Path("consort.db"));
  }
  absl::StatusOr<std::unique_ptr<Store>> OpenBackup(const std::string& path) override {
    return SqliteStore::Open(path);
  }
  std::string NewPath(const std::string& name) override { return directory_.Path(name); }

 private:
  TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Engines, StoreConformanceTest,
                         ::testing::Values(StoreEngine{"Sqlite",
                                                       [] { return std::make_unique<SqliteHarness>(); }}),
                         [](const auto& info) { return info.param.name; });

// Runs SQL beside the store, as a person with the sqlite3 tool would.
int RunSql(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  sqlite3_open(path.c_str(), &database);
  const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  sqlite3_close(database);
  return code;
}

class SqliteStoreTest : public ::testing::Test {
 protected:
  std::string path() const { return directory_.Path("consort.db"); }
  static absl::Status PutProject(Store& store, const std::string& value) {
    return store.Transact([&](Transaction& t) { return t.PutSetting("project", value); });
  }
  static absl::StatusOr<std::string> GetProject(Store& store) {
    std::string value;
    RETURN_IF_ERROR(store.Transact([&](Transaction& t) -> absl::Status {
      ASSIGN_OR_RETURN(value, t.GetSetting("project"));
      return absl::OkStatus();
    }));
    return value;
  }

  TemporaryDirectory directory_;
};

TEST_F(SqliteStoreTest, ADatabaseInMemoryWorks) {
  std::unique_ptr<Store> store = SqliteStore::Open(":memory:").value();
  ASSERT_THAT(PutProject(*store, "music"), IsOk());
  EXPECT_THAT(GetProject(*store), IsOkAndHolds(std::string("music")));
  EXPECT_FALSE(std::filesystem::exists(":memory:.lock"));
}

TEST_F(SqliteStoreTest, ASecondCoordinatorOnTheSameStateIsRefused) {
  std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
  EXPECT_THAT(SqliteStore::Open(path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another coordinator")));
  store.reset();
  EXPECT_THAT(SqliteStore::Open(path()), IsOk());
}

TEST_F(SqliteStoreTest, ANewerSchemaIsRefusedByNameAndLeftAlone) {
  SqliteStore::Open(path()).value().reset();
  ASSERT_EQ(RunSql(path(), "UPDATE schema_version SET version = 99"), SQLITE_OK);
  EXPECT_THAT(SqliteStore::Open(path()), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                  ::testing::AllOf(HasSubstr("newer"), HasSubstr("99"))));
  ASSERT_EQ(RunSql(path(), "UPDATE schema_version SET version = 3"), SQLITE_OK);
  EXPECT_THAT(SqliteStore::Open(path()), IsOk());
}

TEST_F(SqliteStoreTest, ADatabaseOfTheFirstSchemaIsBroughtUpToDateWithItsJobs) {
  JobRow job;
  job.job_id = "job-1";
  job.rounds_closed = 3;
  job.planning_deadline_unix_millis = 5;
  {
    const auto store = SqliteStore::Open(path()).value();
    ASSERT_THAT(store->Transact([&](Transaction& t) { return t.Put(job); }), IsOk());
  }
  ASSERT_EQ(RunSql(path(),
                   "DROP TABLE cosignature; DROP TABLE witnessed; DROP TABLE opening; DROP TABLE incident;"
                   "ALTER TABLE job DROP COLUMN release_index; ALTER TABLE job DROP COLUMN name_commitment;"
                   "ALTER TABLE job DROP COLUMN submitter_commitment;"
                   "ALTER TABLE job DROP COLUMN planning_deadline_unix_millis;"
                   "UPDATE schema_version SET version = 1"),
            SQLITE_OK);
  const auto store = SqliteStore::Open(path());
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT((*store)->Transact([&](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(job, t.GetJob("job-1"));
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(job.rounds_closed, 3u);
  EXPECT_EQ(job.planning_deadline_unix_millis, 0);
  EXPECT_EQ(job.release_index, -1);
  EXPECT_EQ(job.name_commitment, "");  // its name stands in the spec, as it did
}

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsDataLoss) {
  consort::testing::WriteFileOrDie(path(), std::string(4096, 'x'));
  EXPECT_THAT(SqliteStore::Open(path()), StatusIs(absl::StatusCode::kDataLoss, _));
}

TEST_F(SqliteStoreTest, ADatabaseOfAnotherProgramIsNotTouched) {
  ASSERT_EQ(RunSql(path(), "CREATE TABLE theirs (x)"), SQLITE_OK);
  EXPECT_THAT(SqliteStore::Open(path()), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("another program")));
  EXPECT_EQ(RunSql(path(), "SELECT * FROM schema_version"), SQLITE_ERROR);
}

TEST_F(SqliteStoreTest, AFolderThatDoesNotExistIsSaid) {
  EXPECT_THAT(SqliteStore::Open(directory_.Path("missing/consort.db")),
              StatusIs(absl::StatusCode::kInternal, _));
}

TEST_F(SqliteStoreTest, LeavesAndCheckpointsCannotBeChangedOrRemovedInTheFileEither) {
  {
    std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
    ASSERT_THAT(store->Transact([](Transaction& t) {
      RETURN_IF_ERROR(t.InsertLeaf({0, "hash", "body", "payload", "job", "signer"}));
      RETURN_IF_ERROR(t.InsertCheckpoint({1, "root", "note", 5}));
      RETURN_IF_ERROR(t.InsertCosignature({1, "witness+1", 6, "line"}));
      return t.InsertWitnessed({1, 0, 7});
    }),
                IsOk());
  }
  EXPECT_NE(RunSql(path(), "UPDATE leaf SET body = x'00'"), SQLITE_OK);
  EXPECT_NE(RunSql(path(), "DELETE FROM leaf"), SQLITE_OK);
  EXPECT_NE(RunSql(path(), "UPDATE checkpoint SET root = x'00'"), SQLITE_OK);
  EXPECT_NE(RunSql(path(), "DELETE FROM checkpoint"), SQLITE_OK);
  EXPECT_NE(RunSql(path(), "UPDATE cosignature SET line = ''"), SQLITE_OK);
  EXPECT_NE(RunSql(path(), "DELETE FROM cosignature"), SQLITE_OK);
  EXPECT_NE(RunSql(path(), "UPDATE witnessed SET unix_seconds = 0"), SQLITE_OK);
  EXPECT_NE(RunSql(path(), "DELETE FROM witnessed"), SQLITE_OK);
}

// All bytes that lie in the database and the files beside it.
std::string BytesOnDisk(const std::string& path) {
  std::string bytes;
  for (const char* tail : {"", "-wal"}) {
    std::ifstream file(path + tail, std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  return bytes;
}

TEST_F(SqliteStoreTest, WhatWasErasedIsInNoFileAnyMore) {
  const std::string value = "\"a name that the law asks to forget\"";
  const std::string salt(32, '\xA7');
  std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
  ASSERT_THAT(store->Transact([&](Transaction& t) {
    return t.Put(OpeningRow{"c1", value, salt, false});
  }),
              IsOk());
  ASSERT_THAT(BytesOnDisk(path()), HasSubstr(value));
  ASSERT_THAT(store->Transact([&](Transaction& t) {
    return t.Put(OpeningRow{"c1", "", std::string(32, '\0'), true});
  }),
              IsOk());
  ASSERT_THAT(store->ForgetOverwritten(), IsOk());
  EXPECT_THAT(BytesOnDisk(path()), Not(HasSubstr(value)));
  EXPECT_THAT(BytesOnDisk(path()), Not(HasSubstr(salt)));
}

TEST_F(SqliteStoreTest, WhileAnotherProcessReadsErasedValuesCannotBeForgotten) {
  std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
  ASSERT_THAT(PutProject(*store, "before"), IsOk());
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(reader, "BEGIN; SELECT * FROM setting", nullptr, nullptr, nullptr), SQLITE_OK);
  ASSERT_THAT(PutProject(*store, "after"), IsOk());
  EXPECT_THAT(store->ForgetOverwritten(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("reads")));
  sqlite3_close(reader);
  EXPECT_THAT(store->ForgetOverwritten(), IsOk());
}

TEST_F(SqliteStoreTest, AFullDiskInAPartOfATransactionFailsTheWhole) {
  FailingDisk disk;
  std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
  ASSERT_THAT(PutProject(*store, "before"), IsOk());
  bool kept = true;
  EXPECT_FALSE(store
                   ->Transact([&](Transaction& t) -> absl::Status {
                     t.WhenOver([&](bool is_kept) { kept = is_kept; });
                     RETURN_IF_ERROR(t.PutSetting("project", "half"));
                     disk.Set(FailingDisk::Fault::kDiskFull);
                     t.Nested([&] { return t.PutSetting("more", std::string(1 << 20, 'x')); }).IgnoreError();
                     return absl::OkStatus();
                   })
                   .ok());
  disk.Set(FailingDisk::Fault::kNone);
  EXPECT_FALSE(kept);
  EXPECT_THAT(GetProject(*store), IsOkAndHolds(std::string("before")));
}

TEST_F(SqliteStoreTest, AFullDiskRollsBackAndTheNextTransactionWorks) {
  FailingDisk disk;
  std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
  ASSERT_THAT(PutProject(*store, "before"), IsOk());
  disk.Set(FailingDisk::Fault::kDiskFull);
  EXPECT_THAT(PutProject(*store, "lost"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("free space")));
  disk.Set(FailingDisk::Fault::kNone);
  EXPECT_THAT(GetProject(*store), IsOkAndHolds(std::string("before")));
  EXPECT_THAT(PutProject(*store, "after"), IsOk());
}

using SqliteStoreDeathTest = SqliteStoreTest;

TEST_F(SqliteStoreDeathTest, AFailedSyncAtTheCommitEndsTheProcessAndTheCommitIsNotThere) {
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto commit_on_a_bad_disk = [&] {
    FailingDisk disk;
    std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
    if (!PutProject(*store, "before").ok()) return;
    disk.Set(FailingDisk::Fault::kSyncFails);
    PutProject(*store, "unknown").IgnoreError();
  };
  EXPECT_DEATH(commit_on_a_bad_disk(), "a commit may not be on the disk");
}

TEST_F(SqliteStoreTest, AProcessKilledInsideATransactionLeavesTheStateBeforeIt) {
  std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
  ASSERT_THAT(PutProject(*store, "before"), IsOk());
  store.reset();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::unique_ptr<Store> victim = SqliteStore::Open(path()).value();
    victim
        ->Transact([](Transaction& t) {
          t.PutSetting("project", "half done").IgnoreError();
          raise(SIGKILL);
          return absl::OkStatus();
        })
        .IgnoreError();
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  store = SqliteStore::Open(path()).value();  // the lock went with the process
  EXPECT_THAT(GetProject(*store), IsOkAndHolds(std::string("before")));
}

TEST_F(SqliteStoreTest, ARunningCoordinatorsDatabaseCanBeBackedUpFromOutside) {
  std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
  ASSERT_THAT(PutProject(*store, "music"), IsOk());
  ASSERT_THAT(BackUpSqliteFile(path(), directory_.Path("copy.db")), IsOk());
  std::unique_ptr<Store> copy = SqliteStore::Open(directory_.Path("copy.db")).value();
  EXPECT_THAT(GetProject(*copy), IsOkAndHolds(std::string("music")));
  EXPECT_THAT(BackUpSqliteFile(directory_.Path("none.db"), directory_.Path("copy-2.db")),
              StatusIs(absl::StatusCode::kNotFound, _));
}

TEST_F(SqliteStoreTest, ABackupThatFailsLeavesNoFile) {
  std::unique_ptr<Store> store = SqliteStore::Open(path()).value();
  EXPECT_FALSE(store->Backup(directory_.Path("missing/copy.db")).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("missing")));
}

}  // namespace
}  // namespace consort::coordinator
