// What a network's family says of latents that a job has added up, and what it writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "common/architectures/latent_tensors.h"
#include "common/artifact/safetensors.h"
#include "node/trainer/families/latent_totals.h"
#include "node/trainer/families/registry.h"
#include "node/trainer/models/tensor_file.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int64_t kLatents = 16;

const Family& Tiny() { return **FindFamily("rave-tiny"); }

FamilyTerms AnalysingTerms() {
  FamilyTerms terms;
  terms.analysis_round = 2;
  terms.update.cohort_bound = 2;
  return terms;
}

const std::string& Base() {
  static const std::string base = Tiny().Load(FamilyTerms(), 1, {}, {}).value()->Export({}).value();
  return base;
}

// Of each of the first three latents so many frames 1 off on either side of 4, the others being 0.
LatentTotals Spread(int frames) {
  const int all = 6 * frames;
  std::vector<float> latents(kLatents * all);
  for (int latent = 0; latent < 3; ++latent) {
    for (int frame = 0; frame < all; ++frame) {
      const bool off = frame / (2 * frames) == latent;
      latents[latent * all + frame] = off ? (frame % 2 == 0 ? 5.0f : 3.0f) : 4.0f;
    }
  }
  LatentSums sums(kLatents);
  EXPECT_THAT(sums.Add(latents), IsOk());
  LatentTotals totals(kLatents);
  EXPECT_THAT(totals.Add(sums), IsOk());
  return totals;
}

// The state of rave-tiny with these sums, as a coordinator leaves it.
std::string StateWith(const LatentTotals& totals) {
  return AddTensors(Base(), LatentTotals::Tensors(kLatents), totals.Values()).value();
}

nlohmann::json LatentsOf(const FamilyModel& model) {
  return nlohmann::json::parse(model.Describe().value()).at("latents");
}

std::vector<float> Floats(const std::string& file, const std::string& tensor) {
  const SafetensorsHeader header = SafetensorsHeader::Parse(file, file.size()).value();
  const TensorInfo* info = header.Find(tensor);
  std::vector<float> values((info->end - info->begin) / sizeof(float));
  std::memcpy(values.data(), file.data() + header.data_offset() + info->begin, info->end - info->begin);
  return values;
}

TEST(GradientFamilyLatentsTest, DescriptionNamesDirectionsMeanAndFidelity) {
  const auto model = Tiny().Load(AnalysingTerms(), 1, Base(), StateWith(Spread(30))).value();
  const nlohmann::json latents = LatentsOf(*model);
  EXPECT_EQ(latents.at("frames"), 180);
  EXPECT_EQ(latents.at("latents"), 16);
  // Three latents vary alike: 1/3, 2/3 and 1 of the variance; the next power of two is 4.
  EXPECT_EQ(latents.at("directions"), 3);
  EXPECT_EQ(latents.at("dials"), 4);
  EXPECT_EQ(latents.at("mean")[0], 4);
  EXPECT_EQ(latents.at("mean")[3], 0);
  EXPECT_NEAR(latents.at("fidelity")[1].get<double>(), 2.0 / 3, 1e-12);
  EXPECT_NEAR(latents.at("fidelity")[15].get<double>(), 1, 1e-12);
}

TEST(GradientFamilyLatentsTest, TooFewFramesAreSaidWithTheirNumber) {
  const auto model = Tiny().Load(AnalysingTerms(), 1, Base(), StateWith(Spread(21))).value();
  EXPECT_EQ(LatentsOf(*model),
            (nlohmann::json{{"frames", 126}, {"latents", 16}, {"problem", "too-few-latent-frames"}}));
  const std::string exported = model->Export({}).value();
  EXPECT_EQ(SafetensorsHeader::Parse(exported, exported.size())->Find(kLatentPcaTensor), nullptr);
}

TEST(GradientFamilyLatentsTest, ExportHasTheDirectionsAndIsABaseAgain) {
  const auto model = Tiny().Load(AnalysingTerms(), 1, Base(), StateWith(Spread(30))).value();
  const std::string exported = model->Export({}).value();
  EXPECT_EQ(Floats(exported, kLatentPcaTensor).size(), 256u);
  EXPECT_EQ(Floats(exported, kLatentMeanTensor)[2], 4);
  EXPECT_FLOAT_EQ(Floats(exported, kLatentFidelityTensor)[0], 1.0f / 3);
  const auto again = Tiny().Load(FamilyTerms(), 1, exported, {});
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(TensorDigest((*again)->Export({}).value()).value(), TensorDigest(Base()).value());
}

TEST(GradientFamilyLatentsTest, StateOfAFinishedJobIsABaseAndSaysWhatItsLatentsAre) {
  const std::string state = StateWith(Spread(30));
  const auto model = Tiny().Load(FamilyTerms(), 1, state, {}).value();
  EXPECT_EQ(LatentsOf(*model).at("directions"), 3);
  // A job that trains it makes other latents: its states have nothing of these.
  EXPECT_EQ(TensorDigest(model->SaveState({}).value()).value(), TensorDigest(Base()).value());
  const auto analysing = Tiny().Load(AnalysingTerms(), 1, state, {}).value();
  EXPECT_EQ(LatentsOf(*analysing).at("frames"), 0);
  EXPECT_EQ(analysing->SaveState({}).value(), StateWith(LatentTotals(kLatents)));
}

TEST(GradientFamilyLatentsTest, OnlyTheAnalysisRoundHasItsSegments) {
  const std::string state = StateWith(LatentTotals(kLatents));
  const auto training = Tiny().Load(AnalysingTerms(), 1, Base(), state).value();
  EXPECT_EQ(training->segments().back().name, "statistics/windows");
  const auto analysing = Tiny().Load(AnalysingTerms(), 2, Base(), state).value();
  ASSERT_EQ(analysing->segments().size(), 3u);
  for (const Segment& segment : analysing->segments()) EXPECT_EQ(segment.kind, SegmentKind::kStatistic);
}

TEST(GradientFamilyLatentsTest, OtherTensorsAreStillRefused) {
  const std::string strange = AddTensors(Base(), {{"latent_pcas", {1}}}, {1.0f}).value();
  EXPECT_THAT(Tiny().Load(FamilyTerms(), 1, strange, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-architecture")));
  EXPECT_THAT(Tiny().Load(AnalysingTerms(), 1, Base(), Base()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(kLatentCountTensor)));
}

TEST(GradientFamilyLatentsTest, MoreArchivesThanCanBeAddedUpAreRefused) {
  FamilyTerms terms = AnalysingTerms();
  terms.update.cohort_bound = kMostLatentArchives;
  EXPECT_THAT(Tiny().Check(terms), IsOk());
  terms.update.cohort_bound = kMostLatentArchives + 1;
  EXPECT_THAT(Tiny().Check(terms), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-job")));
}

}  // namespace
}  // namespace consort::trainer
