// The real program with LibTorch: its restrictions, its service, its end.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/artifact/safetensors.h"
#include "common/launcher/launcher.h"
#include "common/launcher/listening_socket.h"
#include "common/sandbox/sandbox.h"
#include "common/status/exit_code.h"
#include "common/trainer_client/grpc_trainer.h"
#include "gtest/gtest.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::Process;
using ::consort::testing::RunToEnd;
using ::testing::HasSubstr;

constexpr int kRateHz = 44100;
constexpr absl::Duration kStartLimit = absl::Seconds(60);  // LibTorch from a cold disk
constexpr absl::Duration kWorkLimit = absl::Seconds(120);

// A small job that two steps of training do.
std::string Spec() {
  v1::JobSpec spec;
  spec.set_name("job");
  spec.set_architecture("rave-tiny");
  spec.set_method(v1::METHOD_FULL);
  spec.set_purpose("train.generative");
  spec.set_rounds(1);
  spec.mutable_local()->set_steps(2);
  spec.mutable_local()->set_batch_size(1);
  spec.mutable_local()->set_window_samples(32768);
  spec.mutable_local()->set_learning_rate(1e-3);
  spec.set_strategy(v1::STRATEGY_FEDAVG);
  spec.set_server_learning_rate(1);
  spec.set_weighting(v1::WEIGHTING_EXAMPLES);
  spec.set_privacy(v1::PRIVACY_MODE_PLAIN);
  spec.set_clip_norm(10);
  spec.set_max_weight(1000);
  spec.set_cohort_bound(4);
  spec.set_quorum(1);
  spec.mutable_evaluation()->set_interval_level(0.95);
  spec.set_seed(7);
  return spec.SerializeAsString();
}

class ConsortTrainerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(mkdir(directory_.Path("music").c_str(), 0700), 0);
    ASSERT_EQ(mkdir(directory_.Path("music/harp").c_str(), 0700), 0);
    for (int tune = 0; tune < 5; ++tune) {
      const std::string path = directory_.Path(absl::StrCat("music/harp/曲", tune, ".wav"));
      trainer::testing::WriteSound(path, trainer::testing::Pluck(tune, /*seconds=*/4, kRateHz), kRateHz);
    }
    testing::WriteFileOrDie(config_,
                            absl::StrCat("[collection]\nrecordings = \"", directory_.Path("music"),
                                         "\"\nconsent = \"declared-by-operator\"\n[state]\ndirectory = \"",
                                         directory_.Path("state"), "\"\n[listening]\ndirectory = \"",
                                         directory_.Path("listening"), "\"\n[training]\nthreads = 1\n"));
  }

  // Starts the program as a launcher would; its listening socket is descriptor `listener_` here and there.
  std::unique_ptr<Process> Start() {
    listener_ = *ListenOnUnixSocket(socket_path_);
    const int inherited = dup(listener_);  // without close-on-exec
    std::vector<std::string> arguments = {CONSORT_TRAINER_PROGRAM, "--config", config_, "--socket-fd",
                                          std::to_string(inherited)};
    if (ProbeSandboxSupport().landlock_abi == 0) arguments.push_back("--unsafe-no-sandbox");
    auto process = std::make_unique<Process>(testing::ProcessOptions{arguments, {}});
    close(inherited);
    close(listener_);
    return process;
  }

  // Describe's answer once the recordings have been read.
  absl::StatusOr<v1::DescribeResponse> DescribeWhenScanned(GrpcTrainer& trainer) {
    const absl::Time limit = absl::Now() + kStartLimit;
    auto description = trainer.Describe();
    while (absl::IsUnavailable(description.status()) && absl::Now() < limit) description = trainer.Describe();
    return description;
  }

  testing::TemporaryDirectory directory_;
  const std::string config_ = directory_.Path("trainer.toml");
  const std::string socket_path_ = directory_.Path("trainer.sock");
  int listener_ = -1;
};

TEST_F(ConsortTrainerTest, ReadsItsRecordingsInsideTheSandboxAndEndsAtSigterm) {
  const auto process = Start();
  GrpcTrainer trainer({socket_path_, nullptr, {.start = kStartLimit}});
  const auto description = DescribeWhenScanned(trainer);
  ASSERT_THAT(description, IsOk()) << process->Output();
  EXPECT_EQ(description->sandboxed(), ProbeSandboxSupport().landlock_abi > 0);
  EXPECT_TRUE(description->has_recordings());
  ASSERT_EQ(description->supplies_size(), 1) << description->ShortDebugString();
  EXPECT_EQ(description->supplies(0).tradition(), "harp");
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait(absl::Seconds(10)), 0) << process->Output();
}

TEST_F(ConsortTrainerTest, PreparesTrainsAndEvaluatesInsideTheSandbox) {
  const std::string base = directory_.Path("base.safetensors");
  const auto made = RunToEnd({{CONSORT_TRAINER_PROGRAM, "pretrain", "--music", directory_.Path("music"),
                               "--output", base, "--steps", "2", "--batch", "1", "--window", "32768"},
                              {}},
                             kWorkLimit);
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const auto described = RunToEnd({{CONSORT_TRAINER_PROGRAM, "describe-model", base, "--architecture",
                                    "rave-tiny", "--output", directory_.Path("whole.safetensors")},
                                   {}},
                                  kWorkLimit);
  EXPECT_EQ(described.exit_code, 0) << described.output;
  EXPECT_THAT(described.output, HasSubstr("\"latent_size\":16"));
  EXPECT_EQ(TensorDigestOfFile(directory_.Path("whole.safetensors")).value(),
            TensorDigestOfFile(base).value());
  const auto process = Start();
  GrpcTrainer trainer({socket_path_, nullptr, {.start = kStartLimit}});
  ASSERT_THAT(DescribeWhenScanned(trainer), IsOk()) << process->Output();
  Cancellation cancellation;

  const auto prepared = trainer.Prepare(Spec(), base);
  ASSERT_THAT(prepared, IsOk()) << process->Output();
  v1::TrainHeader header;
  header.set_spec(Spec());
  header.set_manifest(prepared->manifests.at(0));
  header.set_round_number(1);
  header.set_archive("archive-uk-1");
  int64_t values = 0;
  const auto trained = trainer.Train(
      header, {.base_path = base}, nullptr,
      [&](absl::Span<const float> part) {
        values += part.size();
        return absl::OkStatus();
      },
      cancellation);
  ASSERT_THAT(trained, IsOk()) << process->Output();
  EXPECT_GT(values, 900'000);  // rave-tiny: 399,792 and 541,088 parameters

  v1::EvaluateHeader evaluation;
  evaluation.set_spec(Spec());
  evaluation.set_round_number(1);
  evaluation.set_archive("archive-uk-1");
  evaluation.set_write_listening_files(true);
  testing::WriteFileOrDie(directory_.Path("state.safetensors"), prepared->state);
  const auto evaluated =
      trainer.Evaluate(evaluation, {.base_path = base, .after_path = directory_.Path("state.safetensors")},
                       nullptr, cancellation);
  ASSERT_THAT(evaluated, IsOk()) << process->Output();
  EXPECT_GT(evaluated->listening_files(), 0u);
}

TEST_F(ConsortTrainerTest, StateOfTheTrainerIsForNobodyElse) {
  const auto process = Start();
  GrpcTrainer trainer({socket_path_, nullptr, {.start = kStartLimit}});
  ASSERT_THAT(DescribeWhenScanned(trainer), IsOk()) << process->Output();
  struct stat info;
  ASSERT_EQ(stat(directory_.Path("state").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0007, 0u);
}

TEST_F(ConsortTrainerTest, DescriptorThatIsNoListeningSocketEndsItWithAMessage) {
  const auto finished = RunToEnd(
      {{CONSORT_TRAINER_PROGRAM, "--config", config_, "--socket-fd", "0", "--unsafe-no-sandbox"}, {}},
      kStartLimit);
  EXPECT_NE(finished.exit_code, 0);
  EXPECT_THAT(finished.output, HasSubstr("no listening socket"));
}

TEST_F(ConsortTrainerTest, GoodConfigurationPassesTheCheck) {
  const auto finished =
      RunToEnd({{CONSORT_TRAINER_PROGRAM, "--config", config_, "--check-config"}, {}}, kStartLimit);
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
}

TEST_F(ConsortTrainerTest, BadConfigurationIsAUsageError) {
  testing::WriteFileOrDie(config_, "[state]\n");
  const auto finished =
      RunToEnd({{CONSORT_TRAINER_PROGRAM, "--config", config_, "--check-config"}, {}}, kStartLimit);
  EXPECT_EQ(finished.exit_code, static_cast<int>(ExitCode::kUsage));
  EXPECT_THAT(finished.output, HasSubstr("state.directory"));
}

TEST_F(ConsortTrainerTest, AdaptersWithoutTheirBaseCannotBeDescribed) {
  const auto finished = RunToEnd({{CONSORT_TRAINER_PROGRAM, "describe-model", config_, "--architecture",
                                   "rave-tiny", "--adapter-rank", "4"},
                                  {}},
                                 kStartLimit);
  EXPECT_NE(finished.exit_code, 0);
  EXPECT_THAT(finished.output, HasSubstr("--base"));
}

TEST_F(ConsortTrainerTest, UnknownFlagIsAUsageError) {
  const auto finished = RunToEnd({{CONSORT_TRAINER_PROGRAM, "--loud"}, {}}, kStartLimit);
  EXPECT_EQ(finished.exit_code, static_cast<int>(ExitCode::kUsage));
}

}  // namespace
}  // namespace consort
