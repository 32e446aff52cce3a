// The program itself: init, run, signals, backup and restore.
#include <grpcpp/channel.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/signing_key.h"
#include "absl/strings/str_replace.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/invitation.h"
#include "common/rpc/status_mapping.h"
#include "common/rpc/tls_policy.h"
#include "consort/v1/enrolment.grpc.pb.h"
#include "consort/v1/federation.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/coordinator/enrol/test_enrolment.h"
#include "tests/support/loopback.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::testing::AllOf;
using testing::Finished;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Process;
using testing::ReadFileOrDie;
using testing::RunToEnd;
using testing::WriteFileOrDie;

constexpr absl::Duration kSoon = absl::Seconds(60);  // on a busy machine

// gRPC reads the setting once in a process: before the first test.
const bool kTlsPolicy = [] {
  RequireTls13();
  return true;
}();

const std::map<std::string, std::string> kEnvironment = {{"CONSORT_TRAINER_PROGRAM", ""},
                                                         {"CONSORT_METRICS_LISTEN", ""}};

Finished Coordinator(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {CONSORT_COORDINATOR};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunToEnd({all, kEnvironment});
}

class CoordinatorProgramTest : public ::testing::Test {
 protected:
  CoordinatorProgramTest() {
    const Finished init = Coordinator(
        {"init", "--directory", Path(), "--federation", "example.org", "--listen", "127.0.0.1:0"});
    EXPECT_EQ(init.exit_code, 0) << init.output;
    invitation_ = ParseInvitation(init.standard_output).value();
  }
  std::string Path(const std::string& file = "") const {
    return directory_.Path(file.empty() ? "coordinator" : "coordinator/" + file);
  }
  std::string Config() const { return Path("coordinator.toml"); }
  std::unique_ptr<Process> Run() {
    auto process = std::make_unique<Process>(
        testing::ProcessOptions{{CONSORT_COORDINATOR, "run", "--config", Config()}, kEnvironment});
    EXPECT_TRUE(process->WaitForOutput("is ready", kSoon)) << process->Output();
    return process;
  }
  std::string Address() const {
    return absl::StrCat("127.0.0.1:", absl::StripAsciiWhitespace(ReadFileOrDie(Path("state/port"))));
  }
  // Redeems the first operator's invitation and keeps what comes of it.
  void EnrolOperator() {
    invitation_.address = Address();
    const testing::TlsRequest tls = testing::TlsRequest::Generate();
    v1::EnrolResponse response;
    grpc::ClientContext context;
    SetDeadline(context, kEnrolDeadline);
    const auto stub = v1::EnrolmentService::NewStub(OpenEnrolmentChannel(invitation_).value());
    ASSERT_THAT(FromGrpcStatus(stub->Enrol(&context, testing::RequestFor(invitation_, tls), &response)),
                IsOk());
    WriteFileOrDie(directory_.Path("tls.pem"), response.certificate_pem());
    WriteFileOrDie(directory_.Path("tls.key"), tls.key_pem);
    WriteFileOrDie(directory_.Path("ca.pem"), response.ca_pem());
  }
  absl::StatusOr<v1::FederationStatus> StatusAsOperator() {
    const auto channel = OpenChannel({Address(), "example.org", directory_.Path("tls.pem"),
                                      directory_.Path("tls.key"), directory_.Path("ca.pem"), ""})
                             .value();
    grpc::ClientContext context;
    SetDeadline(context);
    v1::FederationStatus status;
    const auto stub = v1::FederationService::NewStub(channel);
    const absl::Status result =
        FromGrpcStatus(stub->Status(&context, v1::FederationStatusRequest(), &status));
    if (!result.ok()) return result;
    return status;
  }

  testing::TemporaryDirectory directory_;
  Invitation invitation_;
};

TEST_F(CoordinatorProgramTest, InitMakesSecretsThatOnlyTheOwnerReads) {
  for (const char* file : {"keys/ca.key", "keys/tls.key", "keys/log.key", "keys/entries.key"}) {
    struct stat facts {};
    ASSERT_EQ(stat(Path(file).c_str(), &facts), 0) << file;
    EXPECT_EQ(facts.st_mode & 0777, 0600u) << file;
  }
  EXPECT_EQ(invitation_.role, v1::ROLE_OPERATOR);
  EXPECT_EQ(invitation_.federation, "example.org");
}

TEST_F(CoordinatorProgramTest, InitRefusesAFolderThatIsInUse) {
  const Finished again = Coordinator({"init", "--directory", Path(), "--federation", "example.org"});
  EXPECT_NE(again.exit_code, 0);
  EXPECT_THAT(again.output, HasSubstr("not empty"));
}

TEST_F(CoordinatorProgramTest, UsageErrorsExitWith2) {
  EXPECT_EQ(Coordinator({"init"}).exit_code, 2);
  EXPECT_EQ(Coordinator({"fly"}).exit_code, 2);
  EXPECT_EQ(Coordinator({"--version"}).exit_code, 0);
  EXPECT_EQ(Coordinator({"run", "--config", Config(), "--check-config"}).exit_code, 0);
}

TEST_F(CoordinatorProgramTest, TheFirstOperatorEnrolsAndIsKnownAfterAKill) {
  auto process = Run();
  EnrolOperator();
  const auto before = StatusAsOperator();
  ASSERT_THAT(before, IsOk());
  EXPECT_EQ(before->federation(), "example.org");
  process->Kill();
  process = Run();
  const auto after = StatusAsOperator();
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->ledger_entries(), before->ledger_entries());
}

TEST_F(CoordinatorProgramTest, KeysAreRotatedWhileItIsStoppedOnly) {
  auto process = Run();
  const std::vector<std::string> rotate = {"keys", "rotate", "log", "--config", Config(), "--yes"};
  EXPECT_NE(Coordinator(rotate).exit_code, 0);
  process->Signal(SIGTERM);
  ASSERT_EQ(process->Wait(kSoon), 0) << process->Output();
  const Finished rotated = Coordinator(rotate);
  ASSERT_EQ(rotated.exit_code, 0) << rotated.output;
  EXPECT_THAT(rotated.standard_output, HasSubstr("ledger.example.org/music+"));
  EXPECT_THAT(Coordinator({"keys", "list", "--config", Config()}).standard_output,
              AllOf(HasSubstr("log-2.key"), HasSubstr("in force, replaced at 1")));
  Run();
}

TEST_F(CoordinatorProgramTest, TheLedgerIsPublishedFromWithinTheSandbox) {
  WriteFileOrDie(Config(),
                 absl::StrReplaceAll(ReadFileOrDie(Config()), {{"publish = ''", "publish = 'public'"}}));
  const auto process = Run();
  ASSERT_TRUE(process->WaitForOutput("up to date: 1 entries", kSoon)) << process->Output();
  EXPECT_THAT(ReadFileOrDie(Path("public/checkpoint")), HasSubstr("ledger.example.org/music\n1\n"));
}

TEST_F(CoordinatorProgramTest, SigtermEndsItCleanly) {
  auto process = Run();
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait(kSoon), 0) << process->Output();
  EXPECT_THAT(process->Output(), HasSubstr("draining"));
}

TEST_F(CoordinatorProgramTest, ASecondOneOnTheSameStateIsRefused) {
  const auto first = Run();
  const Finished second = Coordinator({"run", "--config", Config()});
  EXPECT_NE(second.exit_code, 0);
  EXPECT_THAT(second.output, HasSubstr("another coordinator already uses this state"));
}

TEST_F(CoordinatorProgramTest, ATakenPortIsNamedAndExitsWith5) {
  const auto first = Run();
  const std::string other = directory_.Path("other");
  ASSERT_EQ(Coordinator({"init", "--directory", other, "--federation", "example.org", "--listen", Address()})
                .exit_code,
            0);
  const Finished second = Coordinator({"run", "--config", other + "/coordinator.toml"});
  EXPECT_EQ(second.exit_code, 5) << second.output;
  EXPECT_THAT(second.output, HasSubstr(Address()));
}

TEST_F(CoordinatorProgramTest, ATakenMetricsPortIsNamedAndExitsWith5) {
  const int listener = testing::ListenOnLoopback();
  const std::string address = absl::StrCat("127.0.0.1:", testing::PortOf(listener));
  std::map<std::string, std::string> environment = kEnvironment;
  environment["CONSORT_METRICS_LISTEN"] = address;
  const Finished run = RunToEnd({{CONSORT_COORDINATOR, "run", "--config", Config()}, environment});
  close(listener);
  EXPECT_EQ(run.exit_code, 5) << run.output;
  EXPECT_THAT(run.output, AllOf(HasSubstr("set another [metrics] listen"), HasSubstr(address)));
}

TEST_F(CoordinatorProgramTest, ADatabaseOfANewerProgramIsRefusedByNameAndExitsWith4) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(Path("state/consort.db").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "UPDATE schema_version SET version = 99", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  const Finished run = Coordinator({"run", "--config", Config()});
  EXPECT_EQ(run.exit_code, 4) << run.output;
  EXPECT_THAT(run.output, AllOf(HasSubstr("newer"), HasSubstr("99")));
}

TEST_F(CoordinatorProgramTest, APolicyThatLeavesRoomForTwoHistoriesIsRefusedAndExitsWith4) {
  const auto witness = [](const std::string& name) {
    return SigningKey::Generate(name + ".example.org/mirror", KeyAlgorithm::kCosignatureV1)
        .verifier()
        .ToString();
  };
  WriteFileOrDie(Path("policy"), absl::StrCat("witness uk ", witness("uk"), "\nwitness cn ", witness("cn"),
                                              "\ngroup any 1 uk cn\nquorum any\n"));
  std::map<std::string, std::string> environment = kEnvironment;
  environment["CONSORT_LEDGER_POLICY"] = "policy";
  const Finished run = RunToEnd({{CONSORT_COORDINATOR, "run", "--config", Config()}, environment});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.output, AllOf(HasSubstr("{uk}"), HasSubstr("{cn}"), HasSubstr("two histories")));
}

TEST_F(CoordinatorProgramTest, ABackupOfARunningOneVerifiesAndRestoresToTheSameFederation) {
  auto process = Run();
  EnrolOperator();
  const Finished backup = Coordinator({"backup", directory_.Path("backup"), "--config", Config()});
  ASSERT_EQ(backup.exit_code, 0) << backup.output;
  EXPECT_THAT(backup.output, HasSubstr("ledger verified: 1 entries"));
  process->Kill();

  const Finished restore =
      Coordinator({"restore", directory_.Path("backup"), "--to", directory_.Path("restored")});
  ASSERT_EQ(restore.exit_code, 0) << restore.output;
  std::rename(Path().c_str(), directory_.Path("lost").c_str());
  std::rename(directory_.Path("restored").c_str(), Path().c_str());
  process = Run();
  EXPECT_THAT(StatusAsOperator(), IsOk());
}

TEST_F(CoordinatorProgramTest, ADamagedBackupDoesNotRestore) {
  ASSERT_EQ(Coordinator({"backup", directory_.Path("backup"), "--config", Config()}).exit_code, 0);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(directory_.Path("backup/state/consort.db").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(database,
                   "DROP TRIGGER leaf_is_never_changed; UPDATE leaf SET body = CAST(body || ' ' AS BLOB)",
                   nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(database);
  const Finished restore =
      Coordinator({"restore", directory_.Path("backup"), "--to", directory_.Path("restored")});
  EXPECT_EQ(restore.exit_code, 6) << restore.output;
}

TEST_F(CoordinatorProgramTest, ADamagedLedgerIsNotServed) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(Path("state/consort.db").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "DROP TRIGGER leaf_is_never_changed; UPDATE leaf SET hash = zeroblob(32)",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  const Finished run = Coordinator({"run", "--config", Config()});
  EXPECT_NE(run.exit_code, 0);
  EXPECT_THAT(run.output, HasSubstr("ledger-damaged"));
}

}  // namespace
}  // namespace consort
