#include "common/launcher/launcher.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "absl/strings/numbers.h"
#include "common/launcher/daemon_trainer.h"
#include "common/launcher/listening_socket.h"
#include "common/sandbox/sandbox.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;

constexpr int kLimitMs = 10'000;  // far more than any of these takes

// Connects and returns the process id that the trainer greets with; 0 when nobody answers.
pid_t AskForPid(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit = {kLimitMs / 1000, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  char buffer[32] = {};
  ssize_t received = -1;
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    received = read(descriptor, buffer, sizeof(buffer));
  }
  close(descriptor);
  pid_t pid = 0;
  return received > 0 && absl::SimpleAtoi(absl::string_view(buffer, received), &pid) ? pid : 0;
}

// Asks until a trainer other than `previous` answers; a connection that the previous one had taken is lost
// with it.
pid_t AskForSuccessor(const std::string& path, pid_t previous) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(kLimitMs);
  pid_t pid = 0;
  do {
    pid = AskForPid(path);
  } while ((pid == 0 || pid == previous) && std::chrono::steady_clock::now() < limit);
  return pid == previous ? 0 : pid;
}

// A process that is not ours to wait for, watched until it is gone.
class Watched {
 public:
  explicit Watched(pid_t pid) : descriptor_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
  ~Watched() { close(descriptor_); }
  bool Ends() const {
    pollfd ended = {descriptor_, POLLIN, 0};
    return poll(&ended, 1, kLimitMs) == 1;
  }

 private:
  const int descriptor_;
};

class LauncherTest : public ::testing::Test {
 protected:
  LauncherConfig Config(const std::string& mode = "greet") const {
    return {socket_path_, GREETING_TRAINER, {mode}};
  }

  testing::TemporaryDirectory directory_;
  const std::string socket_path_ = directory_.Path("trainer.sock");
};

TEST_F(LauncherTest, DaemonWithoutAProgramStartsNone) {
  const auto none = StartTrainer({socket_path_, "", ""});
  ASSERT_THAT(none, IsOk());
  EXPECT_EQ(*none, nullptr);
  LogTrainerEnds(none->get(), "consort-node");
}

TEST_F(LauncherTest, TrainerAnswersOnTheInheritedSocket) {
  const auto launcher = Launcher::Start(Config());
  ASSERT_THAT(launcher, IsOk());
  EXPECT_GT(AskForPid(socket_path_), 0);
}

TEST_F(LauncherTest, SocketIsForOwnerAndGroupOnly) {
  const auto launcher = Launcher::Start(Config());
  ASSERT_THAT(launcher, IsOk());
  struct stat info;
  ASSERT_EQ(stat(socket_path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0660u);
}

TEST_F(LauncherTest, KilledTrainerIsStartedAgainAndItsEndReported) {
  auto launcher = Launcher::Start(Config());
  ASSERT_THAT(launcher, IsOk());
  const pid_t first = AskForPid(socket_path_);
  std::promise<TrainerEvent> told;
  (*launcher)->Watch([&](const TrainerEvent& event) { told.set_value(event); });
  ASSERT_EQ(kill(first, SIGKILL), 0);
  const TrainerEvent event = told.get_future().get();
  EXPECT_EQ(event.pid, first);
  EXPECT_EQ(event.exit_code, 128 + SIGKILL);
  EXPECT_GT(AskForSuccessor(socket_path_, first), 0);
}

TEST_F(LauncherTest, StoppedTrainerIsReplacedWhenAskedTo) {
  auto launcher = Launcher::Start(Config());
  ASSERT_THAT(launcher, IsOk());
  const pid_t first = AskForPid(socket_path_);
  ASSERT_EQ(kill(first, SIGSTOP), 0);
  (*launcher)->KillTrainer();
  EXPECT_GT(AskForSuccessor(socket_path_, first), 0);
}

TEST_F(LauncherTest, TrainerThatKeepsEndingIsStartedWithGrowingPauses) {
  const auto begin = std::chrono::steady_clock::now();
  auto launcher = Launcher::Start(Config("exit"));
  ASSERT_THAT(launcher, IsOk());
  std::promise<void> fourth;
  int exits = 0;
  (*launcher)->Watch([&](const TrainerEvent& event) {
    EXPECT_EQ(event.exit_code, 3);
    if (++exits == 4) fourth.set_value();
  });
  ASSERT_EQ(fourth.get_future().wait_for(std::chrono::milliseconds(kLimitMs)), std::future_status::ready);
  // Three pauses lie between four ends: 100, 200 and 400 ms.
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(700));
}

TEST_F(LauncherTest, EndOfTheLauncherStopsTheTrainerAndRemovesTheSocket) {
  auto launcher = Launcher::Start(Config());
  ASSERT_THAT(launcher, IsOk());
  const Watched trainer(AskForPid(socket_path_));
  launcher->reset();
  EXPECT_TRUE(trainer.Ends());
  EXPECT_NE(access(socket_path_.c_str(), F_OK), 0);
}

TEST_F(LauncherTest, TrainerThatIgnoresSigtermIsKilledAfterTheGrace) {
  auto launcher = Launcher::Start(Config("ignore-sigterm"));
  ASSERT_THAT(launcher, IsOk());
  const Watched trainer(AskForPid(socket_path_));
  const auto begin = std::chrono::steady_clock::now();
  launcher->reset();
  EXPECT_TRUE(trainer.Ends());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, absl::ToChronoNanoseconds(Launcher::kStopGrace));
}

TEST_F(LauncherTest, DaemonThatIsKilledLeavesNoTrainer) {
  const pid_t daemon = fork();
  if (daemon == 0) {
    const auto launcher = Launcher::Start(Config());
    pause();
    _exit(launcher.ok() ? 0 : 1);
  }
  const pid_t pid = AskForSuccessor(socket_path_, /*previous=*/0);
  ASSERT_GT(pid, 0);
  const Watched trainer(pid);
  ASSERT_EQ(kill(daemon, SIGKILL), 0);
  EXPECT_TRUE(trainer.Ends());
  waitpid(daemon, nullptr, 0);
}

TEST_F(LauncherTest, LauncherThatIsKilledTakesTheTrainerAlongAndTheDaemonLearnsOfIt) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto launcher = Launcher::Start(Config());
  ASSERT_THAT(launcher, IsOk());
  const pid_t pid = AskForPid(socket_path_);
  const Watched trainer(pid);
  std::promise<TrainerEvent::Kind> told;
  (*launcher)->Watch([&](const TrainerEvent& event) { told.set_value(event.kind); });
  ASSERT_EQ(kill((*launcher)->pid(), SIGKILL), 0);
  EXPECT_EQ(told.get_future().get(), TrainerEvent::Kind::kLauncherGone);
  EXPECT_TRUE(trainer.Ends());
  waitpid(pid, nullptr, 0);
}

TEST_F(LauncherTest, RestartedTrainerHasNoneOfTheDaemonsRestrictions) {
  if (ProbeSandboxSupport().landlock_abi == 0) GTEST_SKIP() << "this kernel has no Landlock";
  const pid_t daemon = fork();
  if (daemon == 0) {
    auto launcher = Launcher::Start(Config());
    if (!launcher.ok() || !EnterSandbox({SandboxProfile::kNetworkProcess, {}, {directory_.path()}}).ok())
      _exit(1);
    const pid_t first = AskForPid(socket_path_);
    (*launcher)->KillTrainer();
    const pid_t second = AskForSuccessor(socket_path_, first);  // a restricted daemon could not start it
    launcher->reset();
    _exit(second > 0 ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(daemon, &status, 0), daemon);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(LauncherTest, RefusesAProcessThatHasThreadsAlready) {
  std::promise<void> end;
  std::thread other([&] { end.get_future().wait(); });
  EXPECT_THAT(Launcher::Start(Config()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("threads 2")));
  end.set_value();
  other.join();
}

TEST_F(LauncherTest, MissingProgramIsNamed) {
  EXPECT_THAT(Launcher::Start({socket_path_, "/absent/consort-trainer", {}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/absent/consort-trainer")));
}

TEST_F(LauncherTest, RelativeProgramIsRefused) {
  EXPECT_THAT(Launcher::Start({socket_path_, "consort-trainer", {}}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(LauncherTest, SocketInUseIsNotTakenOver) {
  const auto other = ListenOnUnixSocket(socket_path_);
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(Launcher::Start(Config()), StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("in use")));
  close(*other);
}

TEST_F(LauncherTest, AbandonedSocketIsReplaced) {
  const auto other = ListenOnUnixSocket(socket_path_);
  ASSERT_THAT(other, IsOk());
  close(*other);
  const auto launcher = Launcher::Start(Config());
  ASSERT_THAT(launcher, IsOk());
  EXPECT_GT(AskForPid(socket_path_), 0);
}

TEST_F(LauncherTest, FileAtTheSocketsPathIsKept) {
  testing::WriteFileOrDie(socket_path_, "somebody's");
  EXPECT_THAT(Launcher::Start(Config()),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("not a socket")));
  EXPECT_EQ(testing::ReadFileOrDie(socket_path_), "somebody's");
}

TEST_F(LauncherTest, TooLongSocketPathIsRefused) {
  LauncherConfig config = Config();
  config.socket_path = "/tmp/" + std::string(110, 'x');
  EXPECT_THAT(Launcher::Start(config), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("107")));
}

TEST_F(LauncherTest, MissingFolderOfTheSocketIsNamed) {
  LauncherConfig config = Config();
  config.socket_path = directory_.Path("absent/trainer.sock");
  EXPECT_THAT(Launcher::Start(config), StatusIs(absl::StatusCode::kNotFound, HasSubstr("absent")));
}

}  // namespace
}  // namespace consort
