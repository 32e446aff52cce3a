// The average of what archives send, added to the state, is the average of the models they trained: bit for
// bit through the ring, and in float. It holds because each round trains one factor.
#include <gtest/gtest.h>

#include <cmath>

#include "common/random/seeded_random.h"
#include "common/update/manifest.h"
#include "common/update/ring_codec.h"
#include "node/trainer/models/adapter_layout.h"
#include "node/trainer/models/tensor_file.h"
#include "node/trainer/models/weight_set.h"

namespace consort::trainer {
namespace {

constexpr int kRank = 2;
constexpr double kAlpha = 1;  // scale 1/2
const std::vector<NamedTensor> kLayers = {{"conv.weight", {3, 2, 3}},
                                          {"dilated.weight", {2, 2, 3}},
                                          {"linear.weight", {3, 2}},
                                          {"transposed.weight", {2, 3, 4}}};  // [in, out, taps]
const std::vector<uint32_t> kWeights = {1, 3};                                // of two archives

Adaptation Training(Factor factor) { return {.rank = kRank, .alpha = kAlpha, .seed = 1, .trained = factor}; }

int64_t Total(const std::vector<NamedTensor>& tensors) {
  int64_t total = 0;
  for (const NamedTensor& tensor : tensors) total += tensor.size();
  return total;
}

// Values in [-1, 1]: multiples of 1 / `steps`, or any where that is 0.
std::vector<float> Draw(int64_t count, int steps, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) {
    const double value = 2 * random.Uniform() - 1;
    values.push_back(static_cast<float>(steps == 0 ? value : std::round(value * steps) / steps));
  }
  return values;
}

// A job in the middle: a base and a state with both factors, and what two archives would send of one.
struct Job {
  std::vector<float> base, state;
  std::vector<std::vector<float>> deltas;
  Factor factor;

  Job(Factor trained, int steps) : factor(trained) {
    const auto state_layout = StateLayout(kLayers, Training(factor)).value();
    base = Draw(Total(kLayers), steps, 1);
    state = Draw(Total(state_layout), steps, 2);
    const int64_t count = Total(TrainedLayout(kLayers, Training(factor)).value());
    for (uint64_t archive = 0; archive < kWeights.size(); ++archive) {
      deltas.push_back(Draw(count, steps, 3 + archive));
    }
  }

  // The whole model, layer after layer, once `delta` is added to the trained factor.
  std::vector<float> Model(absl::Span<const float> delta) const {
    const auto state_layout = StateLayout(kLayers, Training(factor)).value();
    const auto weights = WeightSet::Load(kLayers, WriteTensors(kLayers, base, {}).value(),
                                         WriteTensors(state_layout, state, {}).value(), Training(factor))
                             .value();
    for (size_t i = 0; i < delta.size(); ++i) weights->values()[i] += delta[i];
    return ReadTensors(weights->SaveMerged({}).value(), kLayers).value();
  }
};

// The weighted average of the models that the archives trained, in double precision.
std::vector<double> AverageOfModels(const Job& job) {
  std::vector<double> average(Total(kLayers), 0.0);
  double sum = 0;
  for (const uint32_t weight : kWeights) sum += weight;
  for (size_t archive = 0; archive < kWeights.size(); ++archive) {
    const std::vector<float> model = job.Model(job.deltas[archive]);
    for (size_t i = 0; i < model.size(); ++i) average[i] += kWeights[archive] / sum * model[i];
  }
  return average;
}

// What the coordinator decodes from the sum of both archives' ring integers (docs/formats/update.md).
std::vector<float> AverageThroughTheRing(const Job& job) {
  std::vector<Segment> segments;
  const auto trained = TrainedLayout(kLayers, Training(job.factor)).value();
  for (const NamedTensor& tensor : trained) {
    segments.push_back({tensor.name, tensor.shape});
  }
  // At most 1024 ring steps of an update, for a norm of 8: 128 steps a unit.
  const Manifest manifest =
      Manifest::Create(segments, {.clip_norm = 8, .max_weight = 4, .cohort_bound = 2097151}).value();
  std::vector<uint32_t> sum(manifest.coordinates(), 0);
  for (size_t archive = 0; archive < kWeights.size(); ++archive) {
    NormMeter meter(manifest);
    EXPECT_TRUE(meter.Add(job.deltas[archive]).ok());
    RingEncoder encoder =
        RingEncoder::Create(manifest, kWeights[archive], meter.delta_norm(), /*seed=*/archive).value();
    EXPECT_FALSE(encoder.clipped());
    std::vector<uint32_t> ring(job.deltas[archive].size());
    EXPECT_TRUE(encoder.Encode(job.deltas[archive], absl::MakeSpan(ring)).ok());
    ring.push_back(encoder.Weight().value());
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += ring[i];
  }
  const double weight = static_cast<double>(sum.back()) / manifest.terms().max_weight;
  std::vector<float> average;
  for (size_t i = 0; i + 1 < sum.size(); ++i) {
    average.push_back(static_cast<float>(static_cast<int32_t>(sum[i]) / manifest.scale() / weight));
  }
  return average;
}

class AdapterAveragingTest : public ::testing::TestWithParam<Factor> {};

// Every number of this job is a multiple of a power of two with few digits, so nothing is ever rounded and
// both ways must end at the same bits.
TEST_P(AdapterAveragingTest, ThroughTheRingItIsExactToTheBit) {
  const Job job(GetParam(), /*steps=*/32);
  const std::vector<float> model = job.Model(AverageThroughTheRing(job));
  const std::vector<double> expected = AverageOfModels(job);
  for (size_t i = 0; i < model.size(); ++i) EXPECT_EQ(model[i], expected[i]) << i;
}

TEST_P(AdapterAveragingTest, InFloatItIsExactToAMillionth) {
  const Job job(GetParam(), /*steps=*/0);
  std::vector<float> average(job.deltas[0].size());
  for (size_t i = 0; i < average.size(); ++i) {
    average[i] = 0.25f * job.deltas[0][i] + 0.75f * job.deltas[1][i];
  }
  const std::vector<float> model = job.Model(average);
  const std::vector<double> expected = AverageOfModels(job);
  double error = 0, norm = 0;
  for (size_t i = 0; i < model.size(); ++i) {
    error += std::pow(model[i] - expected[i], 2);
    norm += std::pow(expected[i] - job.base[i], 2);
  }
  EXPECT_LT(std::sqrt(error / norm), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Factors, AdapterAveragingTest, ::testing::Values(Factor::kA, Factor::kB),
                         [](const auto& info) { return info.param == Factor::kA ? "A" : "B"; });

}  // namespace
}  // namespace consort::trainer
