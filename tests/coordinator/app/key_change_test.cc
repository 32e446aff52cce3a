#include "coordinator/app/key_change.h"

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"
#include "coordinator/app/ledger_copy.h"
#include "coordinator/ledger/live_rules.h"
#include "coordinator/ledger/stored_tree.h"
#include "coordinator/store/sqlite_store.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/coordinator/app/coordinator_folder.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ledger::KeyPurpose;
using ledger::OpenCheckpoint;
using ::testing::AllOf;
using testing::CoordinatorFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;
using testing::WriteFileOrDie;

class KeyChangeTest : public ::testing::Test {
 protected:
  void Rotate(const std::string& purpose) {
    ASSERT_THAT(RunKeysRotate({folder_.config_path(), purpose, /*really=*/true}), IsOk());
  }
  void Retire() { ASSERT_THAT(RunKeysRetire({folder_.config_path(), "log", /*really=*/true}), IsOk()); }
  // The checkpoint over one entry more, sealed by a coordinator that has just started.
  CheckpointRow SealOneMore() {
    CoordinatorFolder::Running running = folder_.Start();
    EXPECT_THAT(running.Append(), IsOk());
    return running.Seal();
  }
  uint64_t LedgerSize() {
    CoordinatorFolder::Running running = folder_.Start();
    return running.sequencer->rules().tree().size();
  }
  std::vector<VerifierKey> LogKeys() {
    std::vector<VerifierKey> keys;
    const CoordinatorFolder::Running running = folder_.Start();
    for (const SigningKey& key : running.keys->log) keys.push_back(key.verifier());
    return keys;
  }
  VerifierKey EntryKey() { return folder_.Start().keys->entries.verifier(); }

  CoordinatorFolder folder_;
};

TEST_F(KeyChangeTest, WithoutYesNothingChanges) {
  const uint64_t size = LedgerSize();
  EXPECT_THAT(RunKeysRotate({folder_.config_path(), "log", false}), IsOk());
  EXPECT_EQ(LedgerSize(), size);
  EXPECT_THAT(folder_.config().keys().FilesOf("log").value(), ElementsAre("log.key"));
}

TEST_F(KeyChangeTest, BothLogKeysSignUntilTheOlderOneIsRetired) {
  const VerifierKey old = LogKeys().front();
  Rotate("log");
  const std::vector<VerifierKey> both = LogKeys();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_TRUE(both.front() == old);
  const CheckpointRow overlapping = SealOneMore();
  for (const VerifierKey& key : both) EXPECT_THAT(OpenCheckpoint(overlapping.note, {key}), IsOk());
  EXPECT_THAT(RunKeysRotate({folder_.config_path(), "log", true}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("retire")));
  Retire();
  ASSERT_EQ(LogKeys().size(), 1u);
  EXPECT_TRUE(LogKeys().front() == both.back());
  const CheckpointRow after = SealOneMore();
  EXPECT_THAT(OpenCheckpoint(after.note, {both.back()}), IsOk());
  EXPECT_THAT(OpenCheckpoint(after.note, {old}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, ::testing::_));
  EXPECT_THAT(RunKeysRetire({folder_.config_path(), "log", true}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("rotate first")));
}

TEST_F(KeyChangeTest, ARetiredLogKeyIsNoLongerOneOfThatSize) {
  const VerifierKey old = LogKeys().front();
  Rotate("log");
  Retire();
  CoordinatorFolder::Running running = folder_.Start();
  const std::string forged =
      ledger::SignCheckpoint({folder_.config().identity().origin, 3, Digest{}},
                             *KeysOnFile(folder_.config(), KeyPurpose::kLog)->front().key);
  ASSERT_THAT(OpenCheckpoint(forged, {old}), IsOk());
  EXPECT_THAT(OpenCheckpoint(forged, running.sequencer->rules().keys().LogKeysAt(3)).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, ::testing::_));
}

// The entry key that was replaced is stolen, and writes into the database itself.
TEST_F(KeyChangeTest, AnEntryOfTheReplacedKeyIsFoundAtTheNextStart) {
  const VerifierKey old = EntryKey();
  Rotate("entries");
  EXPECT_FALSE(EntryKey() == old);
  SealOneMore();
  const SigningKey stolen =
      folder_.config().keys().Load("entries.key", folder_.config().entry_key_name()).value();
  ASSERT_TRUE(stolen.verifier() == old);
  const uint64_t index = LedgerSize();
  const auto store = SqliteStore::Open(folder_.config().database()).value();
  ASSERT_THAT(store->Transact([&](Transaction& transaction) {
    LeafRow leaf;
    leaf.index = index;
    leaf.body = ledger::SealEntry(ledger::Kind::kIncident, {{"evidence", Sha256Hex("x")}},
                                  {{"origin", folder_.config().identity().origin},
                                   {"project", "music"},
                                   {"kind", "rollback"},
                                   {"archive", ""},
                                   {"detail", "restored"}},
                                  {&stolen})
                    .value();
    leaf.hash = std::string(ViewOf(ledger::LeafHash(leaf.body)));
    leaf.payload_digest = Sha256Hex("payload");
    leaf.kind = "incident";
    leaf.signer = old.KeyId();
    return StoreLeaf(transaction, leaf);
  }),
              IsOk());
  const CoordinatorKeys keys = LoadCoordinatorKeys(folder_.config(), *store).value();
  testing::SimulatedExecutor executor;
  EXPECT_THAT(OpenSequencer(folder_.config(), *store, keys, executor).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(absl::StrCat("leaf ", index)), HasSubstr(old.KeyId()))));
}

// Killed after the key's file, before its leaf: the old key goes on, and the file is what a repeated call
// rotates to.
TEST_F(KeyChangeTest, ACutOffRotationChangesNothingAndIsTakenUpAgain) {
  const VerifierKey old = LogKeys().front();
  std::string made;
  {
    CoordinatorFolder::Running running = folder_.Start();
    const auto successor =
        MakeSuccessor(folder_.config(), running.sequencer->rules().keys(), KeyPurpose::kLog);
    ASSERT_THAT(successor, IsOk());
    EXPECT_EQ(successor->file, "log-2.key");
    made = successor->key->verifier().ToString();
  }
  ASSERT_EQ(LogKeys().size(), 1u);
  EXPECT_TRUE(LogKeys().front() == old);
  EXPECT_THAT(OpenCheckpoint(SealOneMore().note, {old}), IsOk());
  Rotate("log");
  ASSERT_EQ(LogKeys().size(), 2u);
  EXPECT_EQ(LogKeys().back().ToString(), made);
  EXPECT_THAT(folder_.config().keys().FilesOf("log").value(), ElementsAre("log.key", "log-2.key"));
}

// Killed while the key's file was written.
TEST_F(KeyChangeTest, TheRestOfAKilledRotationIsInNobodysWay) {
  WriteFileOrDie(folder_.Path("keys/log-2.key.partial"), "-----BEGIN PRIV");
  EXPECT_EQ(LogKeys().size(), 1u);
  Rotate("log");
  EXPECT_EQ(LogKeys().size(), 2u);
}

TEST_F(KeyChangeTest, KeysAreChosenByTheLedgerAndNotByTheirFileNames) {
  Rotate("log");
  Rotate("entries");
  const std::vector<VerifierKey> log = LogKeys();
  const VerifierKey entries = EntryKey();
  for (const std::string stem : {"log", "entries"}) {
    std::filesystem::rename(folder_.Path("keys/" + stem + ".key"), folder_.Path("keys/aside"));
    std::filesystem::rename(folder_.Path("keys/" + stem + "-2.key"), folder_.Path("keys/" + stem + ".key"));
    std::filesystem::rename(folder_.Path("keys/aside"), folder_.Path("keys/" + stem + "-7.key"));
  }
  EXPECT_TRUE(LogKeys() == log);
  EXPECT_TRUE(EntryKey() == entries);
}

TEST_F(KeyChangeTest, AMissingKeyInForceIsNamed) {
  Rotate("log");
  const std::string wanted = LogKeys().back().ToString();
  std::filesystem::remove(folder_.Path("keys/log-2.key"));
  const auto store = SqliteStore::Open(folder_.config().database()).value();
  EXPECT_THAT(LoadCoordinatorKeys(folder_.config(), *store).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(wanted)));
}

TEST_F(KeyChangeTest, EncryptedKeysServeARotation) {
  WriteFileOrDie(folder_.Path("passphrase"), "correct-horse\n");
  std::filesystem::permissions(folder_.Path("passphrase"), std::filesystem::perms::owner_read);
  setenv("CONSORT_KEYS_PASSPHRASE_FILE", folder_.Path("passphrase").c_str(), 1);
  ASSERT_THAT(RunKeysEncrypt({folder_.config_path(), "", true}), IsOk());
  Rotate("log");
  EXPECT_EQ(LogKeys().size(), 2u);
  for (const char* file : {"ca.key", "log.key", "log-2.key", "entries.key"}) {
    EXPECT_THAT(testing::ReadFileOrDie(folder_.Path(absl::StrCat("keys/", file))), HasSubstr("ENCRYPTED"));
  }
  unsetenv("CONSORT_KEYS_PASSPHRASE_FILE");
}

// A ledger with both rotations and a retirement in its middle.
class RotatedLedgerTest : public KeyChangeTest {
 protected:
  RotatedLedgerTest() {
    SealOneMore();
    Rotate("log");
    SealOneMore();
    Rotate("entries");
    SealOneMore();
    Retire();
    SealOneMore();
  }
};

TEST_F(RotatedLedgerTest, VerifiesAsAWhole) {
  const auto verified = ExportAndVerify(folder_.config(), folder_.Outside("export"));
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->size, LedgerSize());
}

TEST_F(RotatedLedgerTest, VerifiesForAnIndependentProgram) {
  const char* sources = std::getenv("CONSORT_LEDGER_VERIFY");
  if (sources == nullptr) GTEST_SKIP() << "CONSORT_LEDGER_VERIFY is not set";
  ASSERT_THAT(ExportAndVerify(folder_.config(), folder_.Outside("export")), IsOk());
  const std::string directory = folder_.Outside("export");
  const auto runs = [](const std::string& command) { return std::system(command.c_str()) == 0; };
  ASSERT_TRUE(runs(absl::StrCat("GOCACHE='", folder_.Outside("cache"), "' sh '", sources, "/build.sh' '",
                                folder_.Outside("bin"), "' >/dev/null 2>&1")));
  EXPECT_TRUE(
      runs(absl::StrCat(folder_.Outside("bin/ledger-verify"), " audit -dir ", directory, " -vkey @",
                        directory, "/keys/log.vkey -dsse -canonical -unique -entry-min 1 -entry-key @",
                        directory, "/keys/entries.vkeys -old ", directory, "/checkpoints")));
  // The old key alone signed the first checkpoints and none of the last.
  WriteFileOrDie(folder_.Outside("old.vkey"),
                 KeysOnFile(folder_.config(), KeyPurpose::kLog)->front().key->verifier().ToString() + "\n");
  EXPECT_FALSE(runs(absl::StrCat(folder_.Outside("bin/ledger-verify"), " audit -dir ", directory, " -vkey @",
                                 folder_.Outside("old.vkey"), " >/dev/null")));
}

}  // namespace
}  // namespace consort::coordinator
