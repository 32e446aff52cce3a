// Every claim is tried for real, in a child process that entered the sandbox.
#include "common/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <condition_variable>
#include <future>
#include <thread>

#include "gtest/gtest.h"
#include "tests/common/sandbox/child_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::InChild;
using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;

// "ok", or the name of the error.
std::string Outcome(long result) { return result >= 0 ? "ok" : strerrorname_np(errno); }

std::string TryOpen(const std::string& path, int flags = O_RDONLY) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC, 0600);
  const std::string outcome = Outcome(descriptor);
  if (descriptor >= 0) close(descriptor);
  return outcome;
}

std::string TrySocket(int family, int type = SOCK_STREAM) {
  const int descriptor = socket(family, type | SOCK_CLOEXEC, 0);
  const std::string outcome = Outcome(descriptor);
  if (descriptor >= 0) close(descriptor);
  return outcome;
}

class SandboxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const SandboxSupport support = ProbeSandboxSupport();
    if (support.landlock_abi == 0 || !support.seccomp_filters) {
      GTEST_SKIP() << "this kernel has no Landlock or no seccomp: Landlock ABI " << support.landlock_abi;
    }
    for (const char* folder : {"recordings", "state", "elsewhere"}) {
      ASSERT_EQ(mkdir(directory_.Path(folder).c_str(), 0700), 0);
    }
    testing::WriteFileOrDie(Recording(), "samples");
    testing::WriteFileOrDie(directory_.Path("elsewhere/file"), "bytes");
  }

  std::string Recording() const { return directory_.Path("recordings/曲.wav"); }
  std::string State(const std::string& name) const { return directory_.Path("state/" + name); }

  // Enters the sandbox as a daemon or a trainer would, then runs `body`.
  std::string InNetworkProcess(const std::function<std::string()>& body) const {
    return InSandbox({SandboxProfile::kNetworkProcess, {}, {directory_.Path("state")}}, body);
  }
  std::string InRecordingProcess(const std::function<std::string()>& body) const {
    return InSandbox(
        {SandboxProfile::kRecordingProcess, {directory_.Path("recordings")}, {directory_.Path("state")}},
        body);
  }
  static std::string InSandbox(const SandboxPolicy& policy, const std::function<std::string()>& body) {
    return InChild([&]() -> std::string {
      const auto report = EnterSandbox(policy);
      if (!report.ok()) return report.status().ToString();
      return report->restricted ? body() : "not restricted";
    });
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(SandboxTest, NetworkProcessCannotOpenARecording) {
  EXPECT_EQ(InNetworkProcess([&] { return TryOpen(Recording()); }), "EACCES");
}

TEST_F(SandboxTest, NetworkProcessCannotOpenARecordingFromALaterThread) {
  EXPECT_EQ(InNetworkProcess(
                [&] { return std::async(std::launch::async, [&] { return TryOpen(Recording()); }).get(); }),
            "EACCES");
}

TEST_F(SandboxTest, NetworkProcessCannotReachARecordingThroughProc) {
  EXPECT_EQ(InNetworkProcess([&] { return TryOpen("/proc/self/root" + Recording()); }), "EACCES");
}

TEST_F(SandboxTest, NetworkProcessWritesItsState) {
  EXPECT_EQ(InNetworkProcess([&] { return TryOpen(State("journal"), O_RDWR | O_CREAT | O_TRUNC); }), "ok");
}

TEST_F(SandboxTest, NetworkProcessRenamesBetweenFoldersOfItsState) {
  EXPECT_EQ(InNetworkProcess([&] {
              mkdir(State("spool").c_str(), 0700);
              close(open(State("part").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
              return Outcome(rename(State("part").c_str(), State("spool/whole").c_str()));
            }),
            "ok");
}

TEST_F(SandboxTest, NetworkProcessCannotLinkARecordingIntoItsState) {
  EXPECT_NE(InNetworkProcess([&] { return Outcome(link(Recording().c_str(), State("copy").c_str())); }),
            "ok");
}

TEST_F(SandboxTest, NetworkProcessMayUseTheNetwork) {
  EXPECT_EQ(InNetworkProcess([] { return TrySocket(AF_INET) + TrySocket(AF_INET6) + TrySocket(AF_UNIX); }),
            "okokok");
}

TEST_F(SandboxTest, NetworkProcessHasNoOtherSocketFamily) {
  EXPECT_EQ(InNetworkProcess([] { return TrySocket(AF_PACKET, SOCK_RAW) + " " + TrySocket(AF_VSOCK); }),
            "EPERM EPERM");
}

TEST_F(SandboxTest, NetworkProcessResolvesNames) {
  EXPECT_EQ(InNetworkProcess([] { return TryOpen("/etc/hosts") + TryOpen("/etc/nsswitch.conf"); }), "okok");
}

TEST_F(SandboxTest, NetworkProcessConnectsToAUnixSocketOutsideItsFolders) {
  const std::string path = directory_.Path("elsewhere/trainer.sock");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  EXPECT_EQ(InNetworkProcess([&] {
              const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
              return Outcome(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)));
            }),
            "ok");
  close(listener);
}

TEST_F(SandboxTest, RecordingProcessReadsRecordings) {
  EXPECT_EQ(InRecordingProcess([&] { return TryOpen(Recording()); }), "ok");
}

TEST_F(SandboxTest, RecordingProcessCannotChangeRecordings) {
  EXPECT_EQ(InRecordingProcess([&] {
              return TryOpen(Recording(), O_WRONLY) + " " +
                     TryOpen(directory_.Path("recordings/new"), O_CREAT | O_RDWR) + " " +
                     Outcome(unlink(Recording().c_str()));
            }),
            "EACCES EACCES EACCES");
}

TEST_F(SandboxTest, RecordingProcessCannotEmptyARecording) {
  EXPECT_EQ(InRecordingProcess([&] {
              return TryOpen(Recording(), O_RDONLY | O_TRUNC) + " " +
                     Outcome(truncate(Recording().c_str(), 0));
            }),
            "EPERM EPERM");
  EXPECT_EQ(testing::ReadFileOrDie(Recording()), "samples");
}

TEST_F(SandboxTest, RecordingProcessOpensNothingElse) {
  EXPECT_EQ(InRecordingProcess([&] {
              return TryOpen(directory_.Path("elsewhere/file")) + " " + TryOpen("/etc/hosts") + " " +
                     TryOpen(directory_.Path("elsewhere/new"), O_CREAT | O_RDWR);
            }),
            "EACCES EACCES EACCES");
}

TEST_F(SandboxTest, RecordingProcessWritesItsState) {
  EXPECT_EQ(InRecordingProcess([&] { return TryOpen(State("split"), O_RDWR | O_CREAT | O_TRUNC); }), "ok");
}

TEST_F(SandboxTest, RecordingProcessReadsWhatLibTorchNeeds) {
  EXPECT_EQ(InRecordingProcess([] {
              return TryOpen("/proc/cpuinfo") + TryOpen("/sys/devices/system/cpu/online") +
                     TryOpen("/dev/urandom");
            }),
            "okokok");
}

TEST_F(SandboxTest, RecordingProcessMakesNoSocket) {
  EXPECT_EQ(InRecordingProcess([] {
              int pair[2];
              return TrySocket(AF_INET) + " " + TrySocket(AF_UNIX) + " " +
                     Outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
            }),
            "EPERM EPERM EPERM");
}

TEST_F(SandboxTest, RecordingProcessMakesNoSocketFromALaterThread) {
  EXPECT_EQ(InRecordingProcess(
                [] { return std::async(std::launch::async, [] { return TrySocket(AF_INET); }).get(); }),
            "EPERM");
}

TEST_F(SandboxTest, RecordingProcessCannotConnectAnInheritedSocket) {
  const int inherited = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(InRecordingProcess([&] {
              sockaddr_un address = {};
              address.sun_family = AF_UNIX;
              const std::string connected =
                  Outcome(connect(inherited, reinterpret_cast<sockaddr*>(&address), sizeof(address)));
              return connected + " " +
                     Outcome(bind(inherited, reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)));
            }),
            "EPERM EPERM");
  close(inherited);
}

class BothProfilesTest : public SandboxTest, public ::testing::WithParamInterface<SandboxProfile> {
 protected:
  std::string InProfile(const std::function<std::string()>& body) const {
    return InSandbox({GetParam(), {}, {directory_.Path("state")}}, body);
  }
};

INSTANTIATE_TEST_SUITE_P(Profiles, BothProfilesTest,
                         ::testing::Values(SandboxProfile::kNetworkProcess,
                                           SandboxProfile::kRecordingProcess),
                         [](const auto& info) {
                           return info.param == SandboxProfile::kNetworkProcess ? "Network" : "Recording";
                         });

TEST_P(BothProfilesTest, CannotRunAProgram) {
  EXPECT_EQ(InProfile([] {
              char program[] = "/bin/true";
              char* arguments[] = {program, nullptr};
              return Outcome(execv(program, arguments));
            }),
            "EPERM");
}

TEST_P(BothProfilesTest, CannotTraceOrReadAnotherProcess) {
  const pid_t parent = getpid();
  EXPECT_EQ(InProfile([&] {
              char byte;
              const iovec into = {&byte, 1};
              const std::string traced = Outcome(ptrace(PTRACE_ATTACH, parent, nullptr, nullptr));
              return traced + " " + Outcome(syscall(SYS_process_vm_readv, parent, &into, 1, &into, 1, 0));
            }),
            "EPERM EPERM");
}

TEST_P(BothProfilesTest, HasNoIoUring) {
  EXPECT_EQ(InProfile([] {
              io_uring_params parameters = {};
              return Outcome(syscall(SYS_io_uring_setup, 1, &parameters));
            }),
            "EPERM");
}

TEST_P(BothProfilesTest, CannotLeaveItsNamespaces) {
  EXPECT_EQ(InProfile([] { return Outcome(unshare(CLONE_NEWNET)); }), "EPERM");
}

TEST_P(BothProfilesTest, WritesNoCoreFile) {
  EXPECT_EQ(InProfile([] {
              rlimit limit = {};
              getrlimit(RLIMIT_CORE, &limit);
              return std::to_string(limit.rlim_max);
            }),
            "0");
}

TEST_F(SandboxTest, RefusesAProcessThatHasThreadsAlready) {
  EXPECT_THAT(
      InChild([&] {
        std::promise<void> end;
        std::thread other([&] { end.get_future().wait(); });
        const auto report = EnterSandbox({SandboxProfile::kNetworkProcess, {}, {}});
        const std::string outcome = report.status().ToString() + " then " + TryOpen(Recording());
        end.set_value();
        other.join();
        return outcome;
      }),
      ::testing::AllOf(HasSubstr("FAILED_PRECONDITION"), HasSubstr("threads 2"), HasSubstr("then ok")));
}

TEST_F(SandboxTest, MissingPathIsNamedAndLeavesTheProcessUnrestricted) {
  EXPECT_THAT(InChild([&] {
                const auto report =
                    EnterSandbox({SandboxProfile::kRecordingProcess, {directory_.Path("absent")}, {}});
                return report.status().ToString() + " then " + TryOpen(Recording()) + TrySocket(AF_INET);
              }),
              ::testing::AllOf(HasSubstr("NOT_FOUND"), HasSubstr("absent"), HasSubstr("then okok")));
}

TEST_F(SandboxTest, UnsafeNoSandboxRestrictsNothingAndSaysSo) {
  EXPECT_EQ(InChild([&] {
              SandboxPolicy policy;
              policy.unsafe_no_sandbox = true;
              const auto report = EnterSandbox(policy);
              return (report.ok() && !report->restricted ? "unrestricted " : "restricted ") +
                     TryOpen(Recording());
            }),
            "unrestricted ok");
}

}  // namespace
}  // namespace consort
