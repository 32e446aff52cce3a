// The client, the launcher, the sandbox and the service together, with real processes. One launcher for the
// whole program, started before gRPC has threads: a trainer that one test killed is the next test's first
// fault.
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/launcher/launcher.h"
#include "common/sandbox/sandbox.h"
#include "common/trainer_client/grpc_trainer.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::Duration kTypedCauseLimit = absl::Seconds(10);

Launcher* launcher = nullptr;
std::string* socket_path = nullptr;

std::string Spec(const std::string& name) {
  v1::JobSpec spec;
  spec.set_name(name);
  return spec.SerializeAsString();
}

// Whether no thread of a process runs any more ("pid (name) STATE ..." in proc).
bool AllThreadsStopped(pid_t pid) {
  for (const auto& thread : std::filesystem::directory_iterator(absl::StrCat("/proc/", pid, "/task"))) {
    const std::string stat = testing::ReadFileOrDie(thread.path() / "stat");
    if (stat.substr(stat.rfind(')') + 2, 1) != "T") return false;
  }
  return true;
}

// The signal alone only asks: until the kernel has stopped the thread that takes it, the others go on.
void StopProcess(pid_t pid) {
  ASSERT_EQ(kill(pid, SIGSTOP), 0);
  const absl::Time limit = absl::Now() + absl::Seconds(10);
  while (!AllThreadsStopped(pid)) {
    ASSERT_LT(absl::Now(), limit);
    std::this_thread::yield();
  }
}

class TrainerProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::WriteFileOrDie(directory_.Path("base"), std::string(1'500'000, 'b'));
    testing::WriteFileOrDie(directory_.Path("state"), "state");
  }

  pid_t TrainerPid() {
    ExpectNextCallIsFine();  // waits for the scan, as Describe does not
    const auto description = trainer_.Describe();
    EXPECT_THAT(description, IsOk());
    if (!description.ok()) return 0;
    pid_t pid = 0;
    EXPECT_TRUE(absl::SimpleAtoi(absl::StripPrefix(description->trainer_version(), "fake "), &pid));
    return pid;
  }

  absl::StatusOr<v1::TrainResult> Train(const std::string& round_id, uint32_t thousands = 1,
                                        const Trainer::Progress& progress = nullptr) {
    v1::TrainHeader header;
    header.set_spec(Spec("job"));
    header.set_round_id(round_id);
    header.set_round_number(thousands);
    return trainer_.Train(
        header, {.base_path = directory_.Path("base"), .state_path = directory_.Path("state")}, progress,
        [this](absl::Span<const float> part) {
          values_.insert(values_.end(), part.begin(), part.end());
          return taken_;
        },
        cancellation_);
  }

  void ExpectNextCallIsFine() { EXPECT_THAT(trainer_.Plan(Spec("next")), IsOk()); }

  testing::TemporaryDirectory directory_;
  std::atomic<int> stuck_ = 0;
  GrpcTrainer trainer_{{*socket_path,
                        [this] {
                          ++stuck_;
                          launcher->KillTrainer();
                        },
                        {}}};
  Cancellation cancellation_;
  std::vector<float> values_;
  absl::Status taken_;
};

TEST_F(TrainerProcessTest, DescribeSaysThatItIsSandboxed) {
  ExpectNextCallIsFine();  // waits for the scan, as Describe does not
  const auto description = trainer_.Describe();
  ASSERT_THAT(description, IsOk());
  EXPECT_EQ(description->sandboxed(), ProbeSandboxSupport().landlock_abi > 0);
}

TEST_F(TrainerProcessTest, EngineRunsWithoutNetworkAndForeignFiles) {
  if (ProbeSandboxSupport().landlock_abi == 0) GTEST_SKIP() << "this kernel has no Landlock";
  const auto result = trainer_.Evaluate({}, {}, nullptr, cancellation_);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->scores(0).tradition(), "socket EPERM, file EACCES");
}

TEST_F(TrainerProcessTest, EvaluateGetsItsThreeArtifacts) {
  testing::WriteFileOrDie(directory_.Path("small"), "1");
  const std::string small = directory_.Path("small");
  const auto result = trainer_.Evaluate({}, {.base_path = small, .before_path = small, .after_path = small},
                                        nullptr, cancellation_);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->listening_files(), 111u);
}

TEST_F(TrainerProcessTest, PlanCarriesTheSpecification) {
  const auto plan = trainer_.Plan(Spec("a job"));
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->trainer_version(), "a job");
}

TEST_F(TrainerProcessTest, PrepareReturnsManifestsAndAStateOfManyParts) {
  const auto prepared = trainer_.Prepare(Spec("job"), directory_.Path("base"));
  ASSERT_THAT(prepared, IsOk());
  EXPECT_THAT(prepared->manifests, ElementsAre("manifest of job"));
  EXPECT_EQ(prepared->last_manifest, "last manifest of job");
  EXPECT_EQ(prepared->state, std::string(3'000'000, 'b'));
}

TEST_F(TrainerProcessTest, ValuesArriveInTheirOrderAndWhole) {
  int progressed = 0;
  const auto result = Train("values", 600, [&](const v1::TrainProgress&) { ++progressed; });
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->training_seconds(), 1'500'000u);  // the fake reports the artifacts' lengths
  EXPECT_EQ(result->windows(), 5u);
  EXPECT_EQ(progressed, 1);
  ASSERT_EQ(values_.size(), 600'000u);
  for (size_t i = 0; i < values_.size(); ++i) ASSERT_EQ(values_[i], static_cast<float>(i));
}

TEST_F(TrainerProcessTest, EnginesFailureArrivesWithCodeAndText) {
  EXPECT_THAT(Train("no-usable-recording"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "no-usable-recording: nothing to train on"));
}

TEST_F(TrainerProcessTest, DamagedSpecificationIsRefused) {
  EXPECT_THAT(trainer_.Plan("\xFF"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
}

TEST_F(TrainerProcessTest, MissingArtifactIsNamedAndTheNextCallIsFine) {
  EXPECT_THAT(trainer_.Prepare(Spec("job"), directory_.Path("absent")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("absent")));
  ExpectNextCallIsFine();
}

TEST_F(TrainerProcessTest, CancelledTrainingStopsAndTheNextCallIsFine) {
  EXPECT_THAT(Train("until-stopped", 1, [this](const v1::TrainProgress&) { cancellation_.Cancel(); }),
              StatusIs(absl::StatusCode::kCancelled, ::testing::_));
  ExpectNextCallIsFine();
}

TEST_F(TrainerProcessTest, CallThatIsCancelledBeforeItStartsDoesNotRun) {
  cancellation_.Cancel();
  EXPECT_THAT(Train("values"), StatusIs(absl::StatusCode::kCancelled, ::testing::_));
  EXPECT_TRUE(values_.empty());
}

TEST_F(TrainerProcessTest, FailureToTakeValuesEndsTheCallWithThatFailure) {
  taken_ = absl::ResourceExhaustedError("disk full");
  EXPECT_THAT(Train("values", 600), StatusIs(absl::StatusCode::kResourceExhausted, "disk full"));
  ExpectNextCallIsFine();
}

TEST_F(TrainerProcessTest, KilledTrainerIsNamedWithinASecondAndTheNextCallIsFine) {
  const pid_t pid = TrainerPid();
  absl::Time killed;
  EXPECT_THAT(Train("until-stopped", 1,
                    [&](const v1::TrainProgress&) {
                      killed = absl::Now();
                      kill(pid, SIGKILL);
                    }),
              StatusIs(absl::StatusCode::kUnavailable, StartsWith("trainer-crashed")));
  EXPECT_LT(absl::Now() - killed, absl::Seconds(1));
  ExpectNextCallIsFine();
}

TEST_F(TrainerProcessTest, StuckTrainerIsNamedWithinTenSecondsAndTheNextCallIsFine) {
  const pid_t pid = TrainerPid();
  absl::Time stopped;
  EXPECT_THAT(Train("until-stopped", 1,
                    [&](const v1::TrainProgress&) {
                      StopProcess(pid);
                      stopped = absl::Now();
                    }),
              StatusIs(absl::StatusCode::kUnavailable, StartsWith("trainer-stuck")));
  EXPECT_LT(absl::Now() - stopped, kTypedCauseLimit);
  EXPECT_EQ(stuck_, 1);
  ExpectNextCallIsFine();
  EXPECT_NE(TrainerPid(), pid);
}

TEST_F(TrainerProcessTest, TrainerThatStoppedWhileIdleIsNamedByTheNextCall) {
  ASSERT_THAT(Train("values"), IsOk());  // connects
  StopProcess(TrainerPid());
  const absl::Time begin = absl::Now();
  EXPECT_THAT(trainer_.Plan(Spec("job")),
              StatusIs(absl::StatusCode::kUnavailable, StartsWith("trainer-stuck")));
  EXPECT_LT(absl::Now() - begin, kTypedCauseLimit);
  ExpectNextCallIsFine();
}

TEST_F(TrainerProcessTest, LongStepIsNotStuck) {
  GrpcTrainer impatient({*socket_path, nullptr, {.silence = absl::Seconds(2)}});
  v1::TrainHeader header;
  header.set_round_id("long-step");  // 3 s without a word from the engine
  EXPECT_THAT(
      impatient.Train(
          header, {}, nullptr, [](absl::Span<const float>) { return absl::OkStatus(); }, cancellation_),
      IsOk());
}

TEST_F(TrainerProcessTest, NobodyOnTheSocketIsNamedInTime) {
  GrpcTrainer alone({directory_.Path("absent.sock"), nullptr, {absl::Seconds(1), absl::Seconds(1)}});
  const absl::Time begin = absl::Now();
  EXPECT_THAT(alone.Plan(Spec("job")),
              StatusIs(absl::StatusCode::kUnavailable, StartsWith("trainer-crashed")));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
}

TEST_F(TrainerProcessTest, CallsFromSeveralThreadsAllEnd) {
  std::vector<std::future<absl::Status>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(std::async(std::launch::async, [this] { return trainer_.Plan(Spec("job")).status(); }));
  }
  for (auto& call : calls) EXPECT_THAT(call.get(), IsOk());
}

}  // namespace
}  // namespace consort

int main(int count, char** arguments) {
  ::testing::InitGoogleTest(&count, arguments);
  consort::testing::TemporaryDirectory directory;
  std::string path = directory.Path("trainer.sock");
  const bool restrictable = consort::ProbeSandboxSupport().landlock_abi > 0;
  auto started = consort::Launcher::Start(
      {path, FAKE_TRAINER, {restrictable ? directory.path() : std::string("--unsafe-no-sandbox")}});
  if (!started.ok()) {
    fprintf(stderr, "%s\n", started.status().ToString().c_str());
    return EXIT_FAILURE;
  }
  consort::launcher = started->get();
  consort::socket_path = &path;
  return RUN_ALL_TESTS();
}
