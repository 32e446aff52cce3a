#include "common/artifact/artifact_store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::IsOkAndHolds;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// SHA-256 of "abc" (FIPS 180-2, appendix B.1).
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class ArtifactStoreTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  const std::string path_ = directory_.Path("artifacts");
  std::unique_ptr<ArtifactStore> store_ = ArtifactStore::Open(path_).value();
};

TEST_F(ArtifactStoreTest, NamesBytesByTheirDigest) {
  EXPECT_THAT(store_->Put("abc"), IsOkAndHolds(std::string(kAbc)));
  EXPECT_TRUE(store_->Contains(kAbc));
  EXPECT_THAT(store_->ReadAll(kAbc), IsOkAndHolds(std::string("abc")));
  EXPECT_THAT(store_->SizeOf(kAbc), IsOkAndHolds(3u));
  EXPECT_EQ(ReadFileOrDie(store_->PathOf(kAbc).value()), "abc");
}

TEST_F(ArtifactStoreTest, TheSameBytesTwiceAreOneArtifact) {
  ASSERT_THAT(store_->Put("abc"), IsOk());
  ASSERT_THAT(store_->Put("abc"), IsOk());
  EXPECT_THAT(store_->List(), ElementsAre(kAbc));
  EXPECT_EQ(store_->TotalBytes(), 3u);
}

TEST_F(ArtifactStoreTest, SaysWhatItDoesNotHave) {
  EXPECT_FALSE(store_->Contains(kAbc));
  EXPECT_THAT(store_->PathOf(kAbc), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(store_->SizeOf(kAbc), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(store_->ReadAll(kAbc), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(store_->Remove(kAbc), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST_F(ArtifactStoreTest, ANameThatIsNoDigestReachesNoFile) {
  WriteFileOrDie(directory_.Path("secret"), "x");
  for (const std::string name : {"../secret", "partial", ".", "",
                                 "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"}) {
    EXPECT_FALSE(store_->Contains(name)) << name;
    EXPECT_THAT(store_->ReadAll(name), StatusIs(absl::StatusCode::kNotFound, _)) << name;
    EXPECT_THAT(store_->Remove(name), StatusIs(absl::StatusCode::kNotFound, _)) << name;
    EXPECT_THAT(store_->OpenPartial(name, 1), StatusIs(absl::StatusCode::kInvalidArgument, _)) << name;
    EXPECT_EQ(store_->PartialBytes(name), 0u) << name;
  }
}

TEST_F(ArtifactStoreTest, BytesThatRottedAreDataLoss) {
  ASSERT_THAT(store_->Put("abc"), IsOk());
  WriteFileOrDie(store_->PathOf(kAbc).value(), "abd");
  EXPECT_THAT(store_->ReadAll(kAbc), StatusIs(absl::StatusCode::kDataLoss, _));
}

TEST_F(ArtifactStoreTest, APartialWriteIsResumedAndAdopted) {
  {
    std::unique_ptr<SpoolWriter> writer = store_->OpenPartial(kAbc, 3).value();
    ASSERT_THAT(writer->Append(0, "ab"), IsOk());
  }
  store_ = ArtifactStore::Open(path_).value();  // a restart
  EXPECT_EQ(store_->PartialBytes(kAbc), 2u);
  EXPECT_FALSE(store_->Contains(kAbc));
  std::unique_ptr<SpoolWriter> writer = store_->OpenPartial(kAbc, 3).value();
  ASSERT_THAT(writer->Append(2, "c"), IsOk());
  ASSERT_THAT(store_->Adopt(std::move(writer), kAbc), IsOk());
  EXPECT_THAT(store_->ReadAll(kAbc), IsOkAndHolds(std::string("abc")));
  EXPECT_EQ(store_->PartialBytes(kAbc), 0u);
}

TEST_F(ArtifactStoreTest, APartialWriteWithOtherBytesIsDataLossAndStartsOver) {
  std::unique_ptr<SpoolWriter> writer = store_->OpenPartial(kAbc, 3).value();
  ASSERT_THAT(writer->Append(0, "abd"), IsOk());
  EXPECT_THAT(store_->Adopt(std::move(writer), kAbc), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_FALSE(store_->Contains(kAbc));
  EXPECT_EQ(store_->PartialBytes(kAbc), 0u);
}

TEST_F(ArtifactStoreTest, AWriterOfAnotherArtifactIsNotAdopted) {
  std::unique_ptr<SpoolWriter> writer = store_->OpenPartial(kAbc, 3).value();
  EXPECT_THAT(store_->Adopt(std::move(writer), Sha256Hex("x")),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(ArtifactStoreTest, AFinishedFileIsMovedIn) {
  WriteFileOrDie(directory_.Path("made-elsewhere"), "abc");
  ASSERT_THAT(store_->AdoptFile(directory_.Path("made-elsewhere"), kAbc), IsOk());
  EXPECT_THAT(store_->ReadAll(kAbc), IsOkAndHolds(std::string("abc")));
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("made-elsewhere")));
}

TEST_F(ArtifactStoreTest, AFileThatIsNotThereIsNotMovedIn) {
  EXPECT_THAT(store_->AdoptFile(directory_.Path("none"), kAbc), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(store_->List(), IsEmpty());
}

TEST_F(ArtifactStoreTest, RemovesArtifacts) {
  ASSERT_THAT(store_->Put("abc"), IsOk());
  ASSERT_THAT(store_->Remove(kAbc), IsOk());
  EXPECT_THAT(store_->List(), IsEmpty());
}

TEST_F(ArtifactStoreTest, ManyThreadsMayPutTheSameAndDifferentArtifacts) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      EXPECT_THAT(store_->Put("the same"), IsOk());
      EXPECT_THAT(store_->Put(std::string(1000, static_cast<char>('a' + i))), IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->List().size(), 9u);
  for (const std::string& digest : store_->List()) EXPECT_THAT(store_->ReadAll(digest), IsOk());
}

TEST_F(ArtifactStoreTest, AKillAtAnyMomentLeavesWholeArtifactsOnly) {
  int progress[2];
  ASSERT_EQ(pipe(progress), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    for (int i = 0;; ++i) {
      store_->Put(std::string(200'000, 'x') + std::to_string(i)).IgnoreError();
      if (write(progress[1], "x", 1) != 1) _exit(1);
    }
  }
  close(progress[1]);
  char puts[5];
  for (char& put : puts) ASSERT_EQ(read(progress[0], &put, 1), 1);
  close(progress[0]);
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  store_ = ArtifactStore::Open(path_).value();
  for (const std::string& digest : store_->List()) EXPECT_THAT(store_->ReadAll(digest), IsOk());
  EXPECT_THAT(std::filesystem::is_empty(path_ + "/partial"), true);  // what Put had begun is gone
}

TEST(ArtifactStoreOpenTest, SaysWhenTheFolderCannotBeMade) {
  TemporaryDirectory directory;
  WriteFileOrDie(directory.Path("file"), "x");
  EXPECT_FALSE(ArtifactStore::Open(directory.Path("file")).ok());
}

}  // namespace
}  // namespace consort
