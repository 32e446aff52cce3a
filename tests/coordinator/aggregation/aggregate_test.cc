#include "coordinator/aggregation/aggregate.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <limits>
#include <random>

#include "common/artifact/safetensors.h"
#include "common/crypto/digest.h"
#include "common/update/ring_codec.h"
#include "gmock/gmock.h"
#include "tests/common/update/example_manifest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::DeltaManifest;
using ::consort::testing::ExampleManifest;
using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = ServerOptimiser::Kind;

template <class T>
std::string BytesOf(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

class AggregateTest : public ::testing::Test {
 protected:
  AggregateTest() { std::filesystem::create_directory(directory_.Path("out")); }

  std::string Write(const std::string& name, const std::string& bytes) {
    WriteFileOrDie(directory_.Path(name), bytes);
    return directory_.Path(name);
  }
  std::string WriteSpool(const std::string& name, const std::vector<int32_t>& ring) {
    return Write(name, BytesOf(ring));
  }
  // A state for the example's manifest, with a tensor that no segment names.
  std::string WriteExampleState(float value) {
    const std::string bias = BytesOf<float>({value, value});
    const std::string weight = BytesOf<float>({value, value});
    const std::string steps = BytesOf<int64_t>({77});
    return Write("state", WriteSafetensors({{"decoder.weight", "F32", {2, 1}, weight},
                                            {"decoder.bias", "F32", {2}, bias},
                                            {"other", "I64", {}, steps}},
                                           {{"old", "metadata"}})
                              .value());
  }
  // The example's two updates: weights 10 and 5.
  AggregateRequest ExampleRequest(float state = 1) {
    AggregateRequest request;
    request.manifest = &example_;
    request.spool_paths = {WriteSpool("a", {5, 3, -3, 2, 3, 10}), WriteSpool("b", {1, 0, 1, 0, 1, 5})};
    request.state_path = WriteExampleState(state);
    request.output_directory = directory_.Path("out");
    request.metadata = {{"consort.round", "3"}};
    return request;
  }
  static std::vector<float> Floats(const std::string& path, const std::string& tensor) {
    const std::string file = ReadFileOrDie(path);
    const SafetensorsHeader header = SafetensorsHeader::Parse(file, file.size()).value();
    const TensorInfo* info = header.Find(tensor);
    std::vector<float> values((info->end - info->begin) / sizeof(float));
    std::memcpy(values.data(), file.data() + header.data_offset() + info->begin, info->end - info->begin);
    return values;
  }
  void ExpectNoOutput() { EXPECT_TRUE(std::filesystem::is_empty(directory_.Path("out"))); }
  void ExpectRefused(const AggregateRequest& request, absl::StatusCode code, const std::string& what) {
    EXPECT_THAT(Aggregate(request), StatusIs(code, HasSubstr(what)));
    ExpectNoOutput();
  }

  TemporaryDirectory directory_;
  const Manifest example_ = ExampleManifest();  // C = 2, W = 10, L = 10: 5 steps a unit
};

TEST_F(AggregateTest, AveragesTwoUpdatesByHand) {
  const AggregateResult result = Aggregate(ExampleRequest()).value();
  // By hand: the ring sum is 6, 3, -2, 2, then 4 and 15; one step of it is 10 / (5 x 15) = 2/15 of a unit.
  EXPECT_THAT(Floats(result.state_path, "decoder.bias"), ElementsAre(1 + 0.8f, 1 + 0.4f));
  EXPECT_THAT(Floats(result.state_path, "decoder.weight"), ElementsAre(1 - 4.0f / 15, 1 + 4.0f / 15));
  EXPECT_THAT(result.statistics, ElementsAre(2.0));
  EXPECT_EQ(result.weight_total, 15u);
  EXPECT_DOUBLE_EQ(result.average_norm, std::sqrt(36.0 + 9 + 4 + 4) * 2 / 15);
  // hashlib.sha256 over struct.pack("<6i", 6, 3, -2, 2, 4, 15).
  EXPECT_EQ(result.sum_digest, "00370825aaf4cef5e6d6aa38303519c557daad9cb33cb8ca712af2c5ca4314cb");
  EXPECT_THAT(result.moments_path, IsEmpty());
}

TEST_F(AggregateTest, WritesADigestedFileWithTheGivenMetadataAndTheOtherTensorsUnchanged) {
  const AggregateResult result = Aggregate(ExampleRequest()).value();
  const std::string file = ReadFileOrDie(result.state_path);
  EXPECT_EQ(result.state_digest, TensorDigest(file).value());
  EXPECT_EQ(result.state_artifact, Sha256Hex(file));
  const SafetensorsHeader header = SafetensorsHeader::Parse(file, file.size()).value();
  EXPECT_THAT(header.metadata(), ElementsAre(::testing::Pair("consort.round", "3")));
  EXPECT_EQ(file.substr(header.data_offset() + header.Find("other")->begin, 8), BytesOf<int64_t>({77}));
}

// Manifests that take turns: A in one round, B in the next.
Manifest OneTensor(const std::string& name) {
  Manifest::Terms terms;
  terms.clip_norm = 2;
  terms.max_weight = 10;
  terms.cohort_bound = 214748364;  // L = 10: 5 steps a unit
  return Manifest::Create({{name, {1}, SegmentKind::kDelta}}, terms).value();
}

TEST_F(AggregateTest, MomentsOfManifestsThatTakeTurnsAreKept) {
  const std::string zero = BytesOf<float>({0});
  AggregateRequest request;
  request.state_path =
      Write("state", WriteSafetensors({{"A", "F32", {1}, zero}, {"B", "F32", {1}, zero}}, {}).value());
  request.output_directory = directory_.Path("out");
  request.optimiser = {Kind::kFedAvgM, /*learning_rate=*/1, /*momentum=*/0.5};
  // Each round sends one unit. By hand with v = v / 2 + 1: after A, B, A the moments are 1.5 and 1.
  for (int round = 0; round < 3; ++round) {
    const Manifest manifest = OneTensor(round % 2 == 0 ? "A" : "B");
    request.manifest = &manifest;
    request.spool_paths = {WriteSpool("a" + std::to_string(round), {5, 10})};
    const AggregateResult result = Aggregate(request).value();
    request.state_path = result.state_path;
    request.moments_path = result.moments_path;
  }
  EXPECT_THAT(Floats(request.state_path, "A"), ElementsAre(2.5f));
  EXPECT_THAT(Floats(request.state_path, "B"), ElementsAre(1.0f));
  EXPECT_THAT(Floats(request.moments_path, "momentum/A"), ElementsAre(1.5f));
  EXPECT_THAT(Floats(request.moments_path, "momentum/B"), ElementsAre(1.0f));
}

TEST_F(AggregateTest, StatisticsReplaceTheTensorsOfTheirNameAndNeedNoDelta) {
  Manifest::Terms terms;
  terms.clip_norm = 1;
  terms.max_weight = 10;
  terms.cohort_bound = 4;
  const Manifest manifest =
      Manifest::Create({{"statistics/sum", {2}, SegmentKind::kStatistic, /*quantum=*/0.25, /*bound=*/100},
                        {"statistics/stated", {1}, SegmentKind::kStatistic, /*quantum=*/1, /*bound=*/100}},
                       terms)
          .value();
  const std::string old = BytesOf<float>({9, 9});
  AggregateRequest request;
  request.manifest = &manifest;
  request.state_path = Write("state", WriteSafetensors({{"statistics/sum", "F32", {2}, old}}, {}).value());
  request.output_directory = directory_.Path("out");
  // In quarters: 4 + 6 and -8 + 4; weights play no part.
  request.spool_paths = {WriteSpool("a", {4, -8, 3, 10}), WriteSpool("b", {6, 4, 2, 1})};
  const AggregateResult result = Aggregate(request).value();
  EXPECT_THAT(Floats(result.state_path, "statistics/sum"), ElementsAre(2.5f, -1.0f));
  EXPECT_THAT(result.statistics, ElementsAre(2.5, -1.0, 5.0));
}

TEST_F(AggregateTest, StatisticOfAnotherShapeThanItsTensorIsRefused) {
  const std::string old = BytesOf<float>({9});
  AggregateRequest request = ExampleRequest();
  request.state_path =
      Write("state", WriteSafetensors({{"decoder.weight", "F32", {2, 1}, BytesOf<float>({0, 0})},
                                       {"decoder.bias", "F32", {2}, BytesOf<float>({0, 0})},
                                       {"statistics/loss", "F32", {1, 1}, old}},
                                      {})
                         .value());
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "statistics/loss");
}

TEST_F(AggregateTest, TheOrderOfTheUpdatesDoesNotMatter) {
  AggregateRequest request = ExampleRequest();
  const AggregateResult one = Aggregate(request).value();
  std::reverse(request.spool_paths.begin(), request.spool_paths.end());
  const AggregateResult other = Aggregate(request).value();
  EXPECT_EQ(one.state_digest, other.state_digest);
  EXPECT_EQ(one.sum_digest, other.sum_digest);
}

TEST_F(AggregateTest, TheAverageOfOneClientIsThatClient) {
  const int64_t size = 1000;
  const uint32_t weight = 313;
  const Manifest manifest = DeltaManifest(size, /*clip_norm=*/40, /*max_weight=*/1000, /*cohort_bound=*/16);
  std::mt19937 random(4);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> values(size);
  for (float& value : values) value = normal(random);
  NormMeter meter(manifest);
  ASSERT_THAT(meter.Add(values), IsOk());
  ASSERT_LT(meter.delta_norm(), 40);
  RingEncoder encoder = RingEncoder::Create(manifest, weight, meter.delta_norm(), 5).value();
  std::vector<uint32_t> payload(size + 1, weight);
  ASSERT_THAT(encoder.Encode(values, absl::MakeSpan(payload).first(size)), IsOk());

  AggregateRequest request;
  request.manifest = &manifest;
  request.spool_paths = {Write("one", BytesOf(payload))};
  const std::string zeros(size * 4, '\0');
  request.state_path = Write("state", WriteSafetensors({{"weight", "F32", {size}, zeros}}, {}).value());
  request.output_directory = directory_.Path("out");
  const AggregateResult result = Aggregate(request).value();
  const std::vector<float> average = Floats(result.state_path, "weight");
  const double step = 1 / (manifest.scale() * weight / 1000);  // rounding moves a value by less than one step
  for (int64_t i = 0; i < size; ++i) ASSERT_NEAR(average[i], values[i], step + 1e-6);
  EXPECT_NEAR(result.average_norm, meter.delta_norm(), step * std::sqrt(size));
}

TEST_F(AggregateTest, AFullCohortAtTheClipNormWithFullWeightIsExact) {
  for (const uint32_t cohort : {1u, 3u, 7u}) {
    const Manifest manifest = DeltaManifest(1, /*clip_norm=*/2, /*max_weight=*/1000, cohort);
    AggregateRequest request;
    request.manifest = &manifest;
    for (uint32_t i = 0; i < cohort; ++i) {
      RingEncoder encoder = RingEncoder::Create(manifest, 1000, 2, i).value();
      std::vector<uint32_t> payload(2, 1000);
      ASSERT_THAT(encoder.Encode({2.0f}, absl::MakeSpan(payload).first(1)), IsOk());
      request.spool_paths.push_back(Write("full-" + std::to_string(i), BytesOf(payload)));
    }
    request.state_path =
        Write("state", WriteSafetensors({{"weight", "F32", {1}, BytesOf<float>({0})}}, {}).value());
    request.output_directory = directory_.Path("out");
    const AggregateResult result = Aggregate(request).value();
    EXPECT_THAT(Floats(result.state_path, "weight"), ElementsAre(2.0f)) << cohort;
  }
}

TEST_F(AggregateTest, SegmentsMayLieAcrossBlocks) {
  // Three segments over two and a half blocks, cut where no block ends; the reference is a plain loop.
  const int64_t first = kBlockCoordinates / 2 + 3;
  const int64_t second = kBlockCoordinates + 5;
  const int64_t third = kBlockCoordinates - 1;
  const Manifest manifest = Manifest::Create({{"c", {first}}, {"a", {second}}, {"b", {third}}},
                                             {.clip_norm = 1, .max_weight = 4, .cohort_bound = 2})
                                .value();
  const int64_t size = first + second + third;
  std::mt19937 random(6);
  std::uniform_int_distribution<int32_t> uniform(-1'000'000, 1'000'000);
  std::vector<int32_t> one(size + 1, 1), two(size + 1, 3);
  for (int64_t i = 0; i < size; ++i) {
    one[i] = uniform(random);
    two[i] = uniform(random);
  }
  AggregateRequest request;
  request.manifest = &manifest;
  request.spool_paths = {WriteSpool("one", one), WriteSpool("two", two)};
  const std::string zeros(second * 4, '\0');
  request.state_path = Write("state", WriteSafetensors({{"a", "F32", {second}, zeros},
                                                        {"b", "F32", {third}, zeros.substr(0, third * 4)},
                                                        {"c", "F32", {first}, zeros.substr(0, first * 4)}},
                                                       {})
                                          .value());
  request.output_directory = directory_.Path("out");
  const AggregateResult result = Aggregate(request).value();
  std::vector<float> found = Floats(result.state_path, "c");
  for (const char* name : {"a", "b"}) {
    const std::vector<float> values = Floats(result.state_path, name);
    found.insert(found.end(), values.begin(), values.end());
  }
  const double unit = 4 / (manifest.scale() * 4);
  for (int64_t i = 0; i < size; ++i) ASSERT_EQ(found[i], static_cast<float>((one[i] + two[i]) * unit)) << i;
}

TEST_F(AggregateTest, MomentumIsCarriedFromRoundToRound) {
  AggregateRequest request = ExampleRequest(/*state=*/0);
  request.optimiser = {Kind::kFedAvgM, /*learning_rate=*/1, /*momentum=*/0.5};
  const AggregateResult first = Aggregate(request).value();
  EXPECT_THAT(Floats(first.moments_path, "momentum/decoder.bias"), ElementsAre(0.8f, 0.4f));
  const std::string kept_state = directory_.Path("state-1");
  const std::string kept_moments = directory_.Path("moments-1");
  std::filesystem::rename(first.state_path, kept_state);
  std::filesystem::rename(first.moments_path, kept_moments);

  request.state_path = kept_state;
  request.moments_path = kept_moments;
  const AggregateResult second = Aggregate(request).value();
  // By hand: v = 0.5 x 0.8 + 0.8 = 1.2 and 0.5 x 0.4 + 0.4 = 0.6; the states were 0.8 and 0.4.
  const std::vector<float> bias = Floats(second.state_path, "decoder.bias");
  EXPECT_FLOAT_EQ(bias[0], 2.0f);
  EXPECT_FLOAT_EQ(bias[1], 1.0f);
}

TEST_F(AggregateTest, AdamWritesBothMoments) {
  AggregateRequest request = ExampleRequest(0);
  request.optimiser = {Kind::kFedAdam, 0.1, 0.9, 0.99, 0.5};
  const AggregateResult result = Aggregate(request).value();
  // By hand: m = 0.1 x 0.8; v = 0.99 x 0.25 + 0.01 x 0.64 = 0.2539.
  EXPECT_FLOAT_EQ(Floats(result.moments_path, "first/decoder.bias")[0], 0.08f);
  EXPECT_FLOAT_EQ(Floats(result.moments_path, "second/decoder.bias")[0], 0.2539f);
  EXPECT_FLOAT_EQ(Floats(result.state_path, "decoder.bias")[0], 0.1 * 0.08 / (std::sqrt(0.2539) + 0.5));
}

TEST_F(AggregateTest, RefusesNoUpdateAtAllAndMoreThanTheCohortBound) {
  AggregateRequest request = ExampleRequest();
  request.spool_paths.clear();
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "cohort bound");
  const Manifest small =
      Manifest::Create(example_.segments(), {.clip_norm = 2, .max_weight = 10, .cohort_bound = 1}).value();
  request = ExampleRequest();
  request.manifest = &small;
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "cohort bound");
}

TEST_F(AggregateTest, RefusesASpoolOfTheWrongLengthOrWeight) {
  AggregateRequest request = ExampleRequest();
  request.spool_paths.push_back(WriteSpool("short", {1, 2, 3}));
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "wrong-length");
  request.spool_paths.back() = Write("ragged", std::string(25, '\0'));
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "wrong-length");
  request.spool_paths.back() = WriteSpool("weightless", {0, 0, 0, 0, 0, 0});
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "weight 0");
  request.spool_paths.back() = WriteSpool("heavy", {0, 0, 0, 0, 0, 11});
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "weight 11");
  request.spool_paths.back() = directory_.Path("missing");
  ExpectRefused(request, absl::StatusCode::kNotFound, "missing");
}

TEST_F(AggregateTest, RefusesAStateThatDoesNotMatchTheManifest) {
  AggregateRequest request = ExampleRequest();
  const std::string two(8, '\0');
  const auto with = [&](const TensorView& weight) {
    return Write("state", WriteSafetensors({{"decoder.bias", "F32", {2}, two}, weight}, {}).value());
  };
  request.state_path = with({"renamed", "F32", {2, 1}, two});
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "lacks");
  request.state_path = with({"decoder.weight", "F32", {1, 2}, two});
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "[1,2], expected F32 [2,1]");
  request.state_path = with({"decoder.weight", "I32", {2, 1}, two});
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "I32");
  request.state_path = Write("state", "no safetensors");
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "safetensors");
}

TEST_F(AggregateTest, RefusesMomentsOfAnotherOptimiser) {
  AggregateRequest request = ExampleRequest();
  request.optimiser = {Kind::kFedAvgM, 1, 0.5};
  request.moments_path = request.state_path;
  ExpectRefused(request, absl::StatusCode::kInvalidArgument, "not this optimiser's: tensor decoder.bias");
}

TEST_F(AggregateTest, AStateThatIsNotFiniteIsNeverWritten) {
  ExpectRefused(ExampleRequest(std::numeric_limits<float>::infinity()), absl::StatusCode::kDataLoss,
                "not finite");
  AggregateRequest request = ExampleRequest();
  request.optimiser.learning_rate = 1e300;
  ExpectRefused(request, absl::StatusCode::kDataLoss, "not finite");
}

TEST_F(AggregateTest, AFullDiskIsSaidAndLeavesNoFile) {
  // A file size limit stands in for the full disk.
  const AggregateRequest request = ExampleRequest();
  rlimit old_limit;
  getrlimit(RLIMIT_FSIZE, &old_limit);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {64, old_limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const absl::Status status = Aggregate(request).status();
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("free space")));
  ExpectNoOutput();
}

}  // namespace
}  // namespace consort::coordinator
