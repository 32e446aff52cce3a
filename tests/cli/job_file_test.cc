#include "cli/job_file.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace consort::cli {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kDigest[] = "3f2a5c0de41b7a96c8d0e2f4a6b8cadc0e1f2a3b4c5d6e7f8091a2b3c4d5e6f7";

// The shortest file that is complete; line numbers matter to the tests below.
constexpr char kShortest[] =
    "[job]\n"                         // 1
    "name = \"trial\"\n"              // 2
    "rounds = 3\n"                    // 3
    "[model]\n"                       // 4
    "architecture = \"rave-tiny\"\n"  // 5
    "[local]\n"                       // 6
    "steps = 10\n"                    // 7
    "window_samples = 65536\n"        // 8
    "learning_rate = 1e-3\n"          // 9
    "[aggregation]\n"                 // 10
    "clip_norm = 5\n"                 // 11
    "[round]\n"                       // 12
    "quorum = 2\n";                   // 13

absl::StatusOr<v1::JobSpec> Parse(absl::string_view text) { return ParseJobFile(text, "job.toml", kDigest); }
absl::StatusOr<v1::JobSpec> ParseChanged(absl::string_view from, absl::string_view to) {
  return Parse(absl::StrReplaceAll(kShortest, {{from, to}}));
}

TEST(JobFileTest, WhatIsNotGivenHasTheDocumentedDefaults) {
  const v1::JobSpec spec = Parse(kShortest).value();
  EXPECT_EQ(spec.base_model_digest(), kDigest);
  EXPECT_EQ(spec.purpose(), "train.generative");
  EXPECT_EQ(spec.method(), v1::METHOD_FULL);
  EXPECT_EQ(spec.strategy(), v1::STRATEGY_FEDAVG);
  EXPECT_EQ(spec.weighting(), v1::WEIGHTING_EXAMPLES);
  EXPECT_EQ(spec.privacy(), v1::PRIVACY_MODE_PLAIN);
  EXPECT_EQ(spec.server_learning_rate(), 1);
  EXPECT_EQ(spec.max_weight(), 3600u);
  EXPECT_EQ(spec.recruiting_seconds(), 30u);
  EXPECT_EQ(spec.evaluation().every_rounds(), 1u);
  EXPECT_EQ(spec.evaluation().interval_level(), 0.95);
}

TEST(JobFileTest, OwnCopiesAndControlVariatesAreAskedFor) {
  const v1::JobSpec without = Parse(kShortest).value();
  EXPECT_FALSE(without.has_personal());
  EXPECT_FALSE(without.local().scaffold());
  const v1::JobSpec with = ParseChanged("quorum = 2\n", "quorum = 2\n[personal]\nenabled = true\n").value();
  EXPECT_TRUE(with.personal().enabled());
  EXPECT_EQ(with.personal().lambda(), 0.1);
  EXPECT_EQ(with.personal().steps(), 0u);
  EXPECT_TRUE(ParseChanged("steps = 10\n", "steps = 10\nscaffold = true\n")->local().scaffold());
  EXPECT_THAT(ParseChanged("quorum = 2\n", "quorum = 2\n[personal]\nlambda = 1\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("personal.lambda")));
}

TEST(JobFileTest, LatentAnalysisIsAskedForByName) {
  EXPECT_FALSE(Parse(kShortest)->latent_analysis());
  EXPECT_TRUE(ParseChanged("[local]", "latent_analysis = true\n[local]")->latent_analysis());
}

TEST(JobFileTest, FedAvgCarriesNoMomentum) {
  // The coordinator refuses a spec whose strategy does not use a value that is set.
  const v1::JobSpec spec = Parse(kShortest).value();
  EXPECT_EQ(spec.server_momentum(), 0);
  EXPECT_EQ(spec.server_epsilon(), 0);
}

TEST(JobFileTest, FedAdamHasItsDefaults) {
  const v1::JobSpec spec = ParseChanged("clip_norm = 5", "clip_norm = 5\nstrategy = \"fedadam\"").value();
  EXPECT_EQ(spec.server_momentum(), 0.9);
  EXPECT_EQ(spec.server_beta2(), 0.99);
  EXPECT_EQ(spec.server_epsilon(), 0.001);
}

TEST(JobFileTest, ObjectivesHaveTheirOwnRates) {
  const v1::JobSpec minimax = ParseChanged("clip_norm = 5", "clip_norm = 5\nobjective = \"minimax\"").value();
  EXPECT_EQ(minimax.minimax_rate(), 1);
  const v1::JobSpec no_harm = ParseChanged("clip_norm = 5", "clip_norm = 5\nobjective = \"no-harm\"").value();
  EXPECT_EQ(no_harm.objective(), v1::OBJECTIVE_NO_HARM);
  EXPECT_EQ(no_harm.minimax_rate(), 100);
  EXPECT_THAT(ParseChanged("clip_norm = 5", "clip_norm = 5\nno_harm_rate = 3.0"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no_harm_rate")));
}

TEST(JobFileTest, AdaptersHaveRankAndScale) {
  const v1::JobSpec spec =
      ParseChanged("\"rave-tiny\"", "\"rave-tiny\"\nmethod = \"adapter-frozen-a\"\nadapter_rank = 4").value();
  EXPECT_EQ(spec.method(), v1::METHOD_ADAPTER_FROZEN_A);
  EXPECT_EQ(spec.adapter_rank(), 4u);
  EXPECT_EQ(spec.adapter_alpha(), 4);
}

TEST(JobFileTest, TraditionsMayBeChineseNames) {
  EXPECT_THAT(ParseChanged("rounds = 3", "rounds = 3\ntraditions = [\"江南\", \"english-folk\"]")
                  .value()
                  .traditions(),
              ElementsAre("江南", "english-folk"));
}

TEST(JobFileTest, TheSameFileGivesTheSameBytes) {
  EXPECT_EQ(Parse(kShortest)->SerializeAsString(), Parse(kShortest)->SerializeAsString());
}

TEST(JobFileTest, AnErrorNamesItsLine) {
  EXPECT_THAT(
      ParseChanged("steps = 10", "steps = \"ten\""),
      StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("job.toml:7"), HasSubstr("local.steps"))));
}

TEST(JobFileTest, AValueOutOfRangeIsRefused) {
  EXPECT_THAT(ParseChanged("rounds = 3", "rounds = 0"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("job.rounds")));
  EXPECT_THAT(ParseChanged("learning_rate = 1e-3", "learning_rate = -1"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("local.learning_rate")));
}

TEST(JobFileTest, AnUnknownWordIsRefusedWithItsLineAndTheKnownOnes) {
  EXPECT_THAT(
      ParseChanged("clip_norm = 5", "strategy = \"mean\"\nclip_norm = 5"),
      StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("job.toml:11"), HasSubstr("fedavgm"))));
}

TEST(JobFileTest, AMissingKeyIsNamed) {
  EXPECT_THAT(ParseChanged("quorum = 2", ""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("quorum")));
}

TEST(JobFileTest, AMisspeltKeyIsRefusedAndNotIgnored) {
  EXPECT_THAT(ParseChanged("rounds = 3", "rounds = 3\nseeed = 7"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("seeed")));
}

TEST(JobFileTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_THAT(ReadJobFile("/nonexistent/job.toml", ""),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("job.toml")));
}

TEST(JobFileTest, TheDemosFileIsGood) {
  EXPECT_THAT(ReadJobFile(absl::StrCat(CONSORT_SOURCE_DIR, "/deploy/demo/job.toml"), kDigest), IsOk());
}

TEST(JobFileTest, TheExampleOfTheGuideIsGood) {
  std::stringstream guide;
  guide << std::ifstream(absl::StrCat(CONSORT_SOURCE_DIR, "/docs/guides/researcher.md")).rdbuf();
  const std::string text = guide.str();
  const size_t begin = text.find("```toml\n") + 8;
  EXPECT_THAT(ParseJobFile(text.substr(begin, text.find("```", begin) - begin), "researcher.md", ""), IsOk());
}

}  // namespace
}  // namespace consort::cli
