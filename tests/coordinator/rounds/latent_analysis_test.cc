// Jobs whose last round trains nothing and adds up what the latents are like.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "common/artifact/safetensors.h"
#include "tests/coordinator/rounds/federation.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class LatentAnalysisTest : public ::testing::Test {
 protected:
  LatentAnalysisTest() {
    federation_.AddArchive("archive-uk-1", "harp");
    federation_.AddArchive("archive-cn-1", "dizi");
    federation_.AddArchive("archive-cn-2", "folk");
  }

  v1::JobSpec Spec() const {
    v1::JobSpec spec = federation_.Spec();
    spec.set_rounds(3);
    spec.set_latent_analysis(true);
    return spec;
  }
  std::vector<float> Tensor(const std::string& artifact, const std::string& name) {
    const std::string file =
        consort::testing::ReadFileOrDie(federation_.artifacts().PathOf(artifact).value());
    const SafetensorsHeader header = SafetensorsHeader::Parse(file, file.size()).value();
    const TensorInfo* info = header.Find(name);
    std::vector<float> values((info->end - info->begin) / sizeof(float));
    std::memcpy(values.data(), file.data() + header.data_offset() + info->begin, info->end - info->begin);
    return values;
  }
  void ExpectWeightsUntouchedByTheLastRound(const v1::JobSpec& spec) {
    const v1::JobStatus job = federation_.Job(federation_.Submit(spec));
    ASSERT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
    const std::vector<nlohmann::json> aggregations = federation_.Entries("aggregation");
    ASSERT_THAT(aggregations, SizeIs(3));
    const std::string first = aggregations[0]["model_artifact"], before = aggregations[1]["model_artifact"],
                      after = aggregations[2]["model_artifact"];
    EXPECT_NE(Tensor(before, "decoder.weight"), Tensor(first, "decoder.weight"));
    EXPECT_EQ(Tensor(after, "decoder.weight"), Tensor(before, "decoder.weight"));
    EXPECT_THAT(Tensor(before, Federation::kAnalysisTensor), ElementsAre(0, 0, 0));
    // Three archives, each the same.
    EXPECT_THAT(
        Tensor(after, Federation::kAnalysisTensor),
        ElementsAre(3 * FakeArchive::kStatistic, 3 * FakeArchive::kStatistic, 3 * FakeArchive::kStatistic));
  }

  Federation federation_;
};

TEST_F(LatentAnalysisTest, LastRoundHasAManifestOfItsOwn) {
  federation_.Start();
  federation_.Submit(Spec());
  const std::vector<nlohmann::json> opened = federation_.Entries("round-open");
  ASSERT_THAT(opened, SizeIs(3));
  EXPECT_EQ(opened[0]["manifest_digest"], opened[1]["manifest_digest"]);
  EXPECT_NE(opened[1]["manifest_digest"], opened[2]["manifest_digest"]);
  EXPECT_THAT(federation_.Entries("job").at(0)["manifests"],
              ElementsAre(opened[0]["manifest_digest"], opened[2]["manifest_digest"]));
}

// A momentum above zero would go on moving weights that have none sent for them.
TEST_F(LatentAnalysisTest, FedAvgMLeavesTheWeightsBitEqual) {
  federation_.Start();
  ExpectWeightsUntouchedByTheLastRound(Spec());
}

TEST_F(LatentAnalysisTest, FedAdamLeavesTheWeightsBitEqual) {
  federation_.Start();
  v1::JobSpec spec = Spec();
  spec.set_strategy(v1::STRATEGY_FEDADAM);
  spec.set_server_learning_rate(0.01);
  spec.set_server_momentum(0.9);
  spec.set_server_beta2(0.99);
  spec.set_server_epsilon(1e-3);
  ExpectWeightsUntouchedByTheLastRound(spec);
}

TEST_F(LatentAnalysisTest, FedAvgLeavesTheWeightsBitEqual) {
  federation_.Start();
  v1::JobSpec spec = Spec();
  spec.set_strategy(v1::STRATEGY_FEDAVG);
  spec.set_server_momentum(0);
  ExpectWeightsUntouchedByTheLastRound(spec);
}

TEST_F(LatentAnalysisTest, TrainerThatGivesNoManifestForItEndsTheJob) {
  federation_.prepares_last_manifest = false;
  federation_.Start();
  const v1::JobStatus job = federation_.Job(federation_.Submit(Spec()));
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(job.reason(), HasSubstr("trainer-answer"));
}

}  // namespace
}  // namespace consort::coordinator::testing
