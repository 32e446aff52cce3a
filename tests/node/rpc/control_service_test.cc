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
    ControlServer::Calls calls;
    calls.status = [] {
      v1::NodeStatus status;
      status.set_archive("archive-uk-1");
      return status;
    };
    calls.resolve_incident = [this](const v1::ResolveIncidentRequest& request) {
      resolved_ = request.id() + " " + request.decision() + " " + request.by();
      return absl::OkStatus();
    };
    calls.submit_staff_entry = [](const std::string& envelope) -> absl::StatusOr<v1::EntryOutcome> {
      if (envelope.empty()) return absl::UnavailableError("not connected");
      v1::EntryOutcome outcome;
      outcome.set_logged(true);
      return outcome;
    };
    auto server = ControlServer::Start(path_, {}, std::move(calls));
    EXPECT_THAT(server, IsOk());
    return std::move(server).value();
  }

  testing::TemporaryDirectory directory_;
  const std::string path_ = directory_.Path("control.sock");
  std::string resolved_;
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
  EXPECT_THAT(ControlServer::Start(path_, {}, {}).status(),
              StatusIs(absl::StatusCode::kAlreadyExists, ::testing::_));
}

TEST_F(ControlServiceTest, DecisionReachesTheDaemon) {
  const auto server = Start();
  v1::ResolveIncidentRequest request;
  request.set_id("0123456789abcdef");
  request.set_decision("go-on");
  request.set_by("archivist");
  EXPECT_THAT(ResolveNodeIncident(path_, request), IsOk());
  EXPECT_EQ(resolved_, "0123456789abcdef go-on archivist");
}

TEST_F(ControlServiceTest, StaffEntryGetsItsOutcomeOrTheDaemonsOwnReason) {
  const auto server = Start();
  const auto outcome = SubmitStaffEntry(path_, "entry");
  ASSERT_THAT(outcome.status(), IsOk());
  EXPECT_TRUE(outcome->logged());
  EXPECT_THAT(SubmitStaffEntry(path_, "").status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("not connected")));
}

TEST_F(ControlServiceTest, SocketIsGoneAfterTheDaemon) {
  Start().reset();
  struct stat facts {};
  EXPECT_NE(stat(path_.c_str(), &facts), 0);
}

}  // namespace
}  // namespace consort::node
