// Full disks where updates are kept: at the coordinator and at a node.
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"
#include "tests/support/small_disk.h"

namespace consort::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::Duration kJobLimit = absl::Seconds(120);
constexpr int64_t kPayloadBytes = 4 << 20;  // of one update, nearly
constexpr char kCoordinates[] = "1048000";
constexpr int64_t kDiskBytes = 128 << 20;
// The first state, one update and a half, and what the database needs meanwhile.
constexpr int64_t kRoomForOneUpdate = kPayloadBytes + kPayloadBytes * 3 / 2 + (1 << 20);

// Before main: gtest starts no thread, but the tests do.
const bool kMayMount = EnterOwnMounts();

// A file that leaves only so many bytes of its disk to others, for as long as it is there.
class Ballast {
 public:
  Ballast(const std::string& folder, int64_t bytes_left) : path_(folder + "/ballast") {
    struct statvfs disk = {};
    const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || fstatvfs(file, &disk) != 0) std::abort();
    const auto bytes_free = static_cast<int64_t>(disk.f_bavail * disk.f_frsize);
    if (posix_fallocate(file, 0, bytes_free - bytes_left) != 0) std::abort();
    close(file);
  }
  ~Ballast() { std::filesystem::remove(path_); }
  Ballast(const Ballast&) = delete;
  Ballast& operator=(const Ballast&) = delete;

 private:
  const std::string path_;
};

class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kMayMount) GTEST_SKIP() << "this user may not mount, not even in a namespace of its own";
    FederationOptions options;
    options.environment["CONSORT_NULL_COORDINATES"] = kCoordinates;
    options.coordinator_disk_bytes = kDiskBytes;
    // The other archive's update has arrived by then.
    options.of_archive["archive-cn-1"]["CONSORT_NULL_TRAIN_MILLIS"] = "4000";
    federation_.emplace(options);
  }
  Finished Watch(const std::string& job) { return federation_->Consort({"job", "watch", job}, kJobLimit); }
  void ExpectTheNextJobToBeFine() {
    const Finished watched = Watch(federation_->SubmitJob({}));
    EXPECT_EQ(watched.exit_code, 0) << watched.output;
    ASSERT_EQ(federation_->Consort({"ledger", "export", federation_->Path("ledger")}).exit_code, 0);
    const Finished verified = federation_->Consort({"ledger", "verify", federation_->Path("ledger")});
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
  }

  std::optional<Federation> federation_;
};

TEST_F(FullDiskTest, UpdateThatFindsTheCoordinatorsDiskFullFailsByNameAndTheOtherIsKept) {
  federation_->StartNodes();
  std::optional<Ballast> ballast(std::in_place, federation_->Path("coordinator"), kRoomForOneUpdate);
  const std::string job = federation_->SubmitJob({.stall_seconds = 8});
  const Finished watched = Watch(job);
  EXPECT_EQ(watched.exit_code, 5) << watched.output;
  const nlohmann::json shown = federation_->ShowJob(job);
  EXPECT_THAT(PartOf(shown, "archive-cn-1")["reason"].get<std::string>(),
              AllOf(StartsWith("stalled"), HasSubstr("disk-full: the coordinator cannot store the update"),
                    HasSubstr("node archive-cn-1")));
  EXPECT_EQ(PartOf(shown, "archive-uk-1")["state"], "acknowledged");
  EXPECT_THAT(federation_->coordinator().Output(), HasSubstr("No space left on device"));

  ballast.reset();
  ExpectTheNextJobToBeFine();
}

TEST_F(FullDiskTest, UpdateGoesOnWhereItStoppedOnceTheCoordinatorHasRoom) {
  federation_->StartNodes();
  std::optional<Ballast> ballast(std::in_place, federation_->Path("coordinator"), kRoomForOneUpdate);
  const std::string job = federation_->SubmitJob({});
  const auto watch = federation_->StartConsort({"job", "watch", job});
  ASSERT_TRUE(federation_->coordinator().WaitForOutput("No space left on device", kJobLimit))
      << watch->Output();
  ballast.reset();
  EXPECT_EQ(watch->Wait(kJobLimit), 0) << watch->Output();
  const nlohmann::json shown = federation_->ShowJob(job);
  EXPECT_EQ(PartOf(shown, "archive-cn-1")["state"], "acknowledged");
  EXPECT_EQ(PartOf(shown, "archive-uk-1")["state"], "acknowledged");
}

TEST_F(FullDiskTest, FullDiskOfANodeFailsItsTaskByNameAndTheNextIsFine) {
  federation_->StartNode("archive-uk-1");
  SmallDisk disk(federation_->Path("archive-cn-1/node/state/tasks"), kPayloadBytes / 2);
  federation_->StartNode("archive-cn-1");
  const std::string job = federation_->SubmitJob({.quorum = 1});
  const Finished watched = Watch(job);
  EXPECT_EQ(watched.exit_code, 0) << watched.output;
  EXPECT_THAT(watched.output, HasSubstr("round 1 archive-cn-1 failed: disk-full"));
  EXPECT_EQ(PartOf(federation_->ShowJob(job), "archive-uk-1")["state"], "acknowledged");

  disk.Grow(4 * kPayloadBytes);
  ExpectTheNextJobToBeFine();
}

}  // namespace
}  // namespace consort::testing
