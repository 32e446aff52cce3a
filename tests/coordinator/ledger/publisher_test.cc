#include "coordinator/ledger/publisher.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/note.h"
#include "common/ledger/verify.h"
#include "common/sync/run_on.h"
#include "common/sync/thread_executor.h"
#include "coordinator/rounds/blocking_runner.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/coordinator/ledger/test_ledger.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

namespace fs = std::filesystem;
using ::testing::_;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::ReadFileOrDie;
using testing::StatusIs;
using testing::TestLedger;

// Every file below a folder, by its path from there.
std::map<std::string, std::string> FilesOf(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    files[fs::relative(entry.path(), directory).string()] = ReadFileOrDie(entry.path().string());
  }
  return files;
}

// A ledger whose owner is an executor's thread; this one publishes.
class PublisherTest : public ::testing::Test {
 protected:
  void Grow(uint64_t entries) {
    RunOn(control_, [&] {
      for (uint64_t i = 0; i < entries; ++i) ledger_.Append(absl::StrCat("entry-", next_++));
      return ledger_.sequencer().Seal().value().size;
    });
  }
  absl::StatusOr<uint64_t> PublishTo(const std::string& directory) {
    return Publisher::PublishOnce(ledger_.store(), ledger_.sequencer(), control_, directory);
  }
  std::string Folder() const { return directory_.Path("public"); }

  testing::TemporaryDirectory directory_;
  TestLedger ledger_;
  ThreadExecutor control_;  // ends before the ledger
  int next_ = 0;
};

TEST_F(PublisherTest, APublishedLedgerVerifies) {
  Grow(300);
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  Grow(300);
  const auto size = PublishTo(Folder());
  ASSERT_THAT(size, IsOk());
  ledger::VerifyOptions options;
  options.directory = Folder();
  options.log_vkeys = {ledger_.log_key().verifier().ToString()};
  const ledger::VerifyReport report = ledger::VerifyExport(options).value();
  for (const ledger::Check& check : report.checks)
    EXPECT_TRUE(check.passed) << check.id << ": " << check.detail;
  EXPECT_EQ(report.size, *size);
}

// What is left of older checkpoints in a folder that grew are narrower partial tiles, and nothing else.
TEST_F(PublisherTest, AFolderThatIsLostIsMadeAgainTheSameToTheByte) {
  for (const uint64_t entries : {3, 250, 7, 600, 1}) {
    Grow(entries);
    ASSERT_THAT(PublishTo(Folder()), IsOk());
  }
  const std::map<std::string, std::string> grown = FilesOf(Folder());
  fs::remove_all(Folder());
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  const std::map<std::string, std::string> again = FilesOf(Folder());
  for (const auto& [path, bytes] : again) {
    ASSERT_TRUE(grown.count(path)) << path;
    EXPECT_EQ(grown.at(path), bytes) << path;
  }
  for (const auto& [path, bytes] : grown) {
    EXPECT_TRUE(again.count(path) == 1 || absl::StrContains(path, ".p/")) << path;
  }
}

TEST_F(PublisherTest, PublishingTwiceChangesNothing) {
  Grow(10);
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  const auto before = FilesOf(Folder());
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  EXPECT_EQ(FilesOf(Folder()), before);
}

// Killed after tiles and notes, before the public checkpoint.
TEST_F(PublisherTest, ACutOffPublicationIsCompletedByTheNext) {
  Grow(10);
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  const std::string old = ReadFileOrDie(Folder() + "/checkpoint");
  Grow(300);
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  const auto whole = FilesOf(Folder());
  testing::WriteFileOrDie(Folder() + "/checkpoint", old);
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  EXPECT_EQ(FilesOf(Folder()), whole);
}

// A database from an old backup must not take a published history back.
TEST_F(PublisherTest, AFolderOfALongerLedgerIsRefusedAndStays) {
  Grow(20);
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  const auto before = FilesOf(Folder());
  TestLedger older;
  ASSERT_THAT(RunOn(control_,
                    [&] {
                      older.Append("entry-0");
                      return older.sequencer().Seal().status();
                    }),
              IsOk());
  EXPECT_THAT(Publisher::PublishOnce(older.store(), older.sequencer(), control_, Folder()),
              StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_EQ(FilesOf(Folder()), before);
}

TEST_F(PublisherTest, NewCosignaturesReachTheFolder) {
  Grow(5);
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  const SigningKey witness =
      testing::TestKey("archive-uk-1.example.org/mirror", 9, KeyAlgorithm::kCosignatureV1);
  const uint64_t size = *ledger::PublishedSize(Folder());
  const absl::Status cosigned = RunOn(control_, [&] {
    return ledger_.store().Transact([&](Transaction& transaction) -> absl::Status {
      const CheckpointRow row = transaction.GetCheckpoint(size).value();
      const std::string text = row.note.substr(0, row.note.find("\n\n") + 1);
      return transaction.InsertCosignature(
          {size, witness.verifier().KeyId(), 1'700'000'000,
           ledger::CosignatureLine(text, witness, absl::FromUnixSeconds(1'700'000'000))});
    });
  });
  ASSERT_THAT(cosigned, IsOk());
  ASSERT_THAT(PublishTo(Folder()), IsOk());
  for (const std::string& file : {std::string("/checkpoint"), absl::StrCat("/checkpoints/", size)}) {
    EXPECT_TRUE(absl::StrContains(ReadFileOrDie(Folder() + file), "archive-uk-1.example.org/mirror")) << file;
  }
}

// The whole object: what it does while the ledger grows.
class RunningPublisherTest : public PublisherTest {
 protected:
  // Starts on the control executor and remembers every try.
  void Start(const std::string& directory) {
    RunOn(control_, [&] {
      publisher_ = std::make_unique<Publisher>(ledger_.store(), ledger_.sequencer(), control_, directory);
      publisher_->Start([this](std::function<void()> work) { worker_.Run(std::move(work)); },
                        [this](const absl::StatusOr<uint64_t>& tried) { OnTried(tried); });
      return true;
    });
  }
  ~RunningPublisherTest() override {
    worker_.Stop();
    control_.Stop();
  }
  void OnTried(const absl::StatusOr<uint64_t>& tried) {
    const std::lock_guard<std::mutex> lock(mutex_);
    tries_.push_back(tried);
    changed_.notify_all();
  }
  // Waits until a try ended so.
  bool Await(const std::function<bool(const absl::StatusOr<uint64_t>&)>& wanted) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60),
                             [&] { return std::any_of(tries_.begin(), tries_.end(), wanted); });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<absl::StatusOr<uint64_t>> tries_;
  std::unique_ptr<Publisher> publisher_;
  WorkerPool worker_{1};
};

TEST_F(RunningPublisherTest, EveryCheckpointIsPublished) {
  Grow(5);
  Start(Folder());
  Grow(5);
  const uint64_t size = RunOn(control_, [&] { return ledger_.Size(); });
  EXPECT_TRUE(Await([&](const auto& tried) { return tried.ok() && *tried == size; }));
  EXPECT_THAT(ledger::PublishedSize(Folder()), IsOkAndHolds(size));
}

TEST_F(RunningPublisherTest, AFolderThatCannotBeWrittenStopsNoSealingAndIsMadeGood) {
  testing::WriteFileOrDie(Folder(), "in the way");
  Grow(5);
  Start(Folder());
  ASSERT_TRUE(Await([](const auto& tried) { return !tried.ok(); }));
  Grow(5);  // sealing goes on
  fs::remove(Folder());
  Grow(1);
  const uint64_t size = RunOn(control_, [&] { return ledger_.Size(); });
  EXPECT_TRUE(Await([&](const auto& tried) { return tried.ok() && *tried == size; }));
}

}  // namespace
}  // namespace consort::coordinator
