#include "node/rpc/control_service.h"

#include <sys/stat.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "node/rpc/control_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::StatusIs;
using ::testing::HasSubstr;

class ControlServiceTest : public ::testing::Test {
 protected:
  std::unique_ptr<ControlServer> Start() {
    auto server = ControlServer::Start(path_, {}, [] {
      v1::NodeStatus status;
      status.set_archive("archive-uk-1");
      return status;
    });
    EXPECT_THAT(server, IsOk());
    return std::move(server).value();
  }

  testing::TemporaryDirectory directory_;
  const std::string path_ = directory_.Path("control.sock");
};

TEST_F(ControlServiceTest, OwnUserIsAnswered) {
  const auto server = Start();
  const auto status = AskNodeStatus(path_);
  ASSERT_THAT(status.status(), IsOk());
  EXPECT_EQ(status->archive(), "archive-uk-1");
}

TEST_F(ControlServiceTest, SocketIsForOwnerAndGroupOnly) {
  const auto server = Start();
  struct stat facts {};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0660U);
}

TEST_F(ControlServiceTest, WithoutADaemonTheMessageSaysHowToStartOne) {
  EXPECT_THAT(AskNodeStatus(path_).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("consort-node run")));
}

TEST_F(ControlServiceTest, SecondDaemonIsRefusedTheSocket) {
  const auto server = Start();
  EXPECT_THAT(ControlServer::Start(path_, {}, [] { return v1::NodeStatus(); }).status(),
              StatusIs(absl::StatusCode::kAlreadyExists, ::testing::_));
}

TEST_F(ControlServiceTest, SocketIsGoneAfterTheDaemon) {
  Start().reset();
  struct stat facts {};
  EXPECT_NE(stat(path_.c_str(), &facts), 0);
}

}  // namespace
}  // namespace consort::node
