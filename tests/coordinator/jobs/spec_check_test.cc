#include "coordinator/jobs/spec_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "coordinator/jobs/spec_words.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

v1::JobSpec GoodSpec() {
  v1::JobSpec spec;
  spec.set_name("竖琴与笛子");
  spec.set_base_model_digest("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  spec.set_architecture("rave-tiny");
  spec.set_method(v1::METHOD_FULL);
  spec.set_purpose("train.generative");
  spec.set_rounds(3);
  spec.mutable_local()->set_steps(10);
  spec.mutable_local()->set_batch_size(4);
  spec.mutable_local()->set_window_samples(16384);
  spec.mutable_local()->set_learning_rate(1e-3);
  spec.set_strategy(v1::STRATEGY_FEDAVG);
  spec.set_server_learning_rate(1);
  spec.set_weighting(v1::WEIGHTING_TRADITION);
  spec.set_privacy(v1::PRIVACY_MODE_PLAIN);
  spec.set_clip_norm(1);
  spec.set_max_weight(1000);
  spec.set_cohort_bound(8);
  spec.set_quorum(2);
  spec.set_recruiting_seconds(30);
  spec.set_grace_seconds(30);
  spec.set_deadline_seconds(600);
  spec.set_stall_seconds(60);
  spec.mutable_evaluation()->set_interval_level(0.95);
  return spec;
}

TEST(SpecCheckTest, AGoodSpecHasNoProblem) { EXPECT_THAT(ProblemsOf(GoodSpec()), IsEmpty()); }

TEST(SpecCheckTest, AnEmptySpecNamesEveryFieldThatIsMissing) {
  const std::vector<std::string> problems = ProblemsOf(v1::JobSpec());
  for (const char* field : {"name",
                            "base_model_digest",
                            "architecture",
                            "purpose",
                            "method",
                            "local.steps",
                            "local.batch_size",
                            "local.window_samples",
                            "local.learning_rate",
                            "strategy",
                            "server_learning_rate",
                            "weighting",
                            "privacy",
                            "rounds",
                            "clip_norm",
                            "max_weight",
                            "cohort_bound",
                            "quorum",
                            "recruiting_seconds",
                            "deadline_seconds",
                            "stall_seconds",
                            "evaluation.interval_level"}) {
    EXPECT_THAT(problems, ::testing::Contains(StartsWith(std::string(field) + " is "))) << field;
  }
}

struct Wrong {
  const char* field;
  std::function<void(v1::JobSpec&)> change;
};
void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.field; }

class WrongSpecTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongSpecTest, IsTheOnlyProblemAndIsNamed) {
  v1::JobSpec spec = GoodSpec();
  GetParam().change(spec);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(AllOf(StartsWith(GetParam().field), HasSubstr("expected"))));
}

INSTANTIATE_TEST_SUITE_P(
    EachField, WrongSpecTest,
    ::testing::Values(
        Wrong{"name", [](v1::JobSpec& s) { s.set_name(std::string(81, 'x')); }},
        Wrong{"name", [](v1::JobSpec& s) { s.set_name("two\nlines"); }},
        Wrong{"base_model_digest", [](v1::JobSpec& s) { s.set_base_model_digest("ABC"); }},
        Wrong{"architecture", [](v1::JobSpec& s) { s.set_architecture("../x"); }},
        Wrong{"traditions", [](v1::JobSpec& s) { s.add_traditions("harp"), s.add_traditions("harp"); }},
        Wrong{"adapter_rank or adapter_alpha", [](v1::JobSpec& s) { s.set_adapter_rank(4); }},
        Wrong{"rounds", [](v1::JobSpec& s) { s.set_rounds(10'001); }},
        Wrong{"local.learning_rate",
              [](v1::JobSpec& s) {
                s.mutable_local()->set_learning_rate(std::numeric_limits<double>::quiet_NaN());
              }},
        Wrong{"local.proximal_mu", [](v1::JobSpec& s) { s.mutable_local()->set_proximal_mu(-1); }},
        Wrong{"local.validation_percent",
              [](v1::JobSpec& s) { s.mutable_local()->set_validation_percent(51); }},
        Wrong{"minimax_rate", [](v1::JobSpec& s) { s.set_minimax_rate(1); }},
        Wrong{"minimax_rate", [](v1::JobSpec& s) { s.set_objective(v1::OBJECTIVE_NO_HARM); }},
        Wrong{"minimax_rate",
              [](v1::JobSpec& s) { s.set_objective(v1::OBJECTIVE_NO_HARM), s.set_minimax_rate(1001); }},
        Wrong{"minimax_rate",
              [](v1::JobSpec& s) { s.set_objective(v1::OBJECTIVE_MINIMAX), s.set_minimax_rate(11); }},
        Wrong{"server_momentum, server_beta2", [](v1::JobSpec& s) { s.set_server_momentum(0.9); }},
        Wrong{"clip_norm", [](v1::JobSpec& s) { s.set_clip_norm(std::numeric_limits<double>::infinity()); }},
        Wrong{"max_weight", [](v1::JobSpec& s) { s.set_max_weight(1'000'001); }},
        Wrong{"cohort_bound times max_weight",
              [](v1::JobSpec& s) { s.set_cohort_bound(2148), s.set_max_weight(1'000'000); }},
        Wrong{"quorum", [](v1::JobSpec& s) { s.set_quorum(9); }},
        Wrong{"grace_seconds", [](v1::JobSpec& s) { s.set_grace_seconds(601); }},
        Wrong{"evaluation.interval_level",
              [](v1::JobSpec& s) { s.mutable_evaluation()->set_interval_level(1); }},
        Wrong{"evaluation.max_recordings_per_tradition",
              [](v1::JobSpec& s) { s.mutable_evaluation()->set_max_recordings_per_tradition(65); }}));

TEST(SpecCheckTest, AdaptersNeedRankAndAlpha) {
  v1::JobSpec spec = GoodSpec();
  spec.set_method(v1::METHOD_ADAPTER_FROZEN_A);
  EXPECT_THAT(ProblemsOf(spec),
              ElementsAre(StartsWith("adapter_rank is 0"), StartsWith("adapter_alpha is 0")));
  spec.set_adapter_rank(8);
  spec.set_adapter_alpha(16);
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
}

TEST(SpecCheckTest, LatentAnalysisNeedsARoundBeforeIt) {
  v1::JobSpec spec = GoodSpec();
  spec.set_latent_analysis(true);
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
  spec.set_rounds(1);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(StartsWith("rounds is 1; expected at least 2")));
}

TEST(SpecCheckTest, FedAdamNeedsItsEpsilon) {
  v1::JobSpec spec = GoodSpec();
  spec.set_strategy(v1::STRATEGY_FEDADAM);
  spec.set_server_momentum(0.9);
  spec.set_server_beta2(0.99);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(StartsWith("server_epsilon is 0")));
}

TEST(SpecCheckTest, OwnCopiesHaveALambdaAndNothingIsSetWithoutThem) {
  v1::JobSpec spec = GoodSpec();
  spec.mutable_personal()->set_lambda(0.1);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(StartsWith("personal.lambda or personal.steps is set")));
  spec.mutable_personal()->set_enabled(true);
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
  EXPECT_EQ(PersonalSteps(spec), 10u);  // as many as the shared training
  spec.mutable_personal()->set_steps(4);
  EXPECT_EQ(PersonalSteps(spec), 4u);
  EXPECT_EQ(PersonalSteps(GoodSpec()), 0u);
  spec.mutable_personal()->set_lambda(-1);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(StartsWith("personal.lambda is -1")));
}

TEST(SpecCheckTest, ControlVariatesNeedWhatTheyAreMadeFor) {
  v1::JobSpec spec = GoodSpec();
  spec.mutable_local()->set_scaffold(true);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(HasSubstr("the plain mean over archives")));
  spec.set_weighting(v1::WEIGHTING_ARCHIVE);
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
  spec.set_objective(v1::OBJECTIVE_Q_FAIR);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(HasSubstr("the plain mean over archives")));
  spec.set_objective(v1::OBJECTIVE_WEIGHTED);
  spec.set_method(v1::METHOD_ADAPTER_ALTERNATING);
  spec.set_adapter_rank(8);
  spec.set_adapter_alpha(8);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(HasSubstr("two rounds old")));
  spec.set_method(v1::METHOD_ADAPTER_FROZEN_A);
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
  spec.set_cohort_bound(2048);
  EXPECT_THAT(ProblemsOf(spec), ElementsAre(StartsWith("cohort_bound is 2048; expected at most 2047")));
}

TEST(SpecCheckTest, BytesThatAreNoSpecAreRefusedBeforeTheyAreRead) {
  EXPECT_THAT(ParseSpec("\xff\xff\xff"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cannot be read")));
  EXPECT_THAT(ParseSpec(std::string(kMaxSpecBytes + 1, '\0')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("8193 bytes")));
  EXPECT_THAT(ParseSpec(GoodSpec().SerializeAsString()), IsOk());
}

TEST(SpecCheckTest, TheLastRoundAlwaysEvaluates) {
  v1::JobSpec spec = GoodSpec();
  EXPECT_FALSE(EvaluatesAfter(spec, 2));
  EXPECT_TRUE(EvaluatesAfter(spec, 3));
  spec.mutable_evaluation()->set_every_rounds(2);
  EXPECT_FALSE(EvaluatesAfter(spec, 1));
  EXPECT_TRUE(EvaluatesAfter(spec, 2));
  EXPECT_TRUE(EvaluatesAfter(spec, 3));
}

TEST(SpecWordsTest, EnumsHaveTheWordsOfTheLedger) {
  EXPECT_EQ(MethodWord(v1::METHOD_ADAPTER_FROZEN_A), "adapter-frozen-a");
  EXPECT_EQ(StrategyWord(v1::STRATEGY_FEDAVGM), "fedavgm");
  EXPECT_EQ(JobStateWord(v1::JOB_STATE_AWAITING_APPROVAL), "awaiting-approval");
  EXPECT_EQ(ParticipationStateWord(v1::PARTICIPATION_STATE_WITHDRAWN), "withdrawn");
  EXPECT_EQ(VerdictWord(v1::TraditionResult::VERDICT_HARMED), "harmed");
  EXPECT_EQ(ReasonCode("wrong-base: base_digest ..."), "wrong-base");
  EXPECT_EQ(ReasonCode("late"), "late");
}

}  // namespace
}  // namespace consort::coordinator
