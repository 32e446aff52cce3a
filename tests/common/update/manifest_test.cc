#include "common/update/manifest.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "tests/common/update/example_manifest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::ExampleManifest;
using ::consort::testing::ExampleSegments;
using ::consort::testing::ExampleTerms;
using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;

// Written with Python's json module (sort_keys, no blanks) and hashed with hashlib.
constexpr char kExampleJson[] =
    R"({"clip_norm":"2","cohort_bound":214748364,"format":"consort.manifest.v1","max_weight":10,"ring_bits":32,)"
    R"("segments":[{"kind":"delta","name":"decoder.bias","shape":[2]},)"
    R"({"kind":"delta","name":"decoder.weight","shape":[2,1]},)"
    R"({"bound":"4","kind":"statistic","name":"statistics/loss","quantum":"0.5","shape":[1]}]})";
constexpr char kExampleDigest[] = "4e19b1f47b1a8083a9a1061919ee89c4aac4962e4755f5c2c3017328ee67bb01";

TEST(ManifestTest, WritesCanonicalJsonAndItsDigest) {
  const Manifest manifest = ExampleManifest();
  EXPECT_EQ(manifest.json(), kExampleJson);
  EXPECT_EQ(manifest.digest(), kExampleDigest);
}

TEST(ManifestTest, ReadsWhatItWrites) {
  const Manifest manifest = Manifest::Parse(kExampleJson).value();
  EXPECT_EQ(manifest.digest(), kExampleDigest);
  ASSERT_EQ(manifest.segments().size(), 3u);
  EXPECT_EQ(manifest.segments()[1].name, "decoder.weight");
  EXPECT_EQ(manifest.segments()[2].kind, SegmentKind::kStatistic);
  EXPECT_EQ(manifest.segments()[2].quantum, 0.5);
  EXPECT_EQ(manifest.terms().max_weight, 10u);
}

TEST(ManifestTest, CountsCoordinates) {
  const Manifest manifest = ExampleManifest();
  EXPECT_EQ(manifest.delta_coordinates(), 4);
  EXPECT_EQ(manifest.statistic_coordinates(), 1);
  EXPECT_EQ(manifest.coordinates(), 6);  // with the weight
  EXPECT_EQ(manifest.payload_bytes(), 24u);
  EXPECT_EQ(manifest.delta_limit(), 10);
  EXPECT_EQ(manifest.scale(), 5);
}

TEST(ManifestTest, NamesTheSegmentOfACoordinate) {
  const Manifest manifest = ExampleManifest();
  EXPECT_EQ(manifest.Describe(1), "segment decoder.bias at index 1");
  EXPECT_EQ(manifest.Describe(2), "segment decoder.weight at index 0");
  EXPECT_EQ(manifest.Describe(4), "segment statistics/loss at index 0");
  EXPECT_EQ(manifest.Describe(5), "the weight");
}

struct OtherSpelling {
  const char* from;
  const char* to;
};
class ManifestSpellingTest : public ::testing::TestWithParam<OtherSpelling> {};

TEST_P(ManifestSpellingTest, IsRefused) {
  const std::string json = absl::StrReplaceAll(kExampleJson, {{GetParam().from, GetParam().to}});
  ASSERT_NE(json, kExampleJson);
  EXPECT_THAT(Manifest::Parse(json), StatusIs(absl::StatusCode::kInvalidArgument, _)) << json;
}

INSTANTIATE_TEST_SUITE_P(
    Spellings, ManifestSpellingTest,
    ::testing::Values(OtherSpelling{"\"max_weight\":10", "\"max_weight\": 10"},
                      OtherSpelling{"\"max_weight\":10", "\"max_weight\":10.0"},
                      OtherSpelling{"\"max_weight\":10", "\"max_weight\":\"10\""},
                      OtherSpelling{"\"max_weight\":10", "\"max_weight\":-1"},
                      OtherSpelling{"\"max_weight\":10", "\"max_weight\":10,\"max_weight\":10"},
                      OtherSpelling{"\"max_weight\":10", "\"extra\":1,\"max_weight\":10"},
                      OtherSpelling{"\"max_weight\":10,", ""},
                      OtherSpelling{"\"clip_norm\":\"2\"", "\"clip_norm\":\"2.0\""},
                      OtherSpelling{"\"clip_norm\":\"2\"", "\"clip_norm\":2"},
                      OtherSpelling{"\"clip_norm\":\"2\"", "\"clip_norm\":\"nan\""},
                      OtherSpelling{"manifest.v1", "manifest.v2"}, OtherSpelling{"\"delta\"", "\"sparse\""},
                      OtherSpelling{"\"quantum\":\"0.5\",", ""}, OtherSpelling{"[2,1]", "[2,-1]"},
                      OtherSpelling{"[2,1]", "[2,1.5]"}, OtherSpelling{"[2,1]", "[2,18446744073709551615]"},
                      OtherSpelling{"[2,1]", "2"}, OtherSpelling{"}]}", "}]"}, OtherSpelling{"}]}", "}]}x"},
                      OtherSpelling{"\"segments\":[", "\"segments\":[7,"}));

TEST(ManifestTest, RefusesAnythingThatIsNoObject) {
  for (const char* json : {"", "[]", "7", "null", "{"}) {
    EXPECT_THAT(Manifest::Parse(json), StatusIs(absl::StatusCode::kInvalidArgument, _)) << json;
  }
}

TEST(ManifestTest, RefusesMoreThanItsSizeLimitBeforeReading) {
  EXPECT_THAT(Manifest::Parse(std::string(kMaxManifestBytes + 1, ' ')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("longer")));
}

absl::Status CreateWith(const Segment& segment) {
  std::vector<Segment> segments = ExampleSegments();
  segments.push_back(segment);
  return Manifest::Create(segments, ExampleTerms()).status();
}

TEST(ManifestTest, RefusesSegmentsThatCannotBe) {
  const SegmentKind statistic = SegmentKind::kStatistic;
  const Segment refused[] = {
      {"statistics/loss", {1}, statistic, 0.5, 4},  // stands twice
      {"later.delta", {1}},                         // delta after statistics
      {"loss", {1}, statistic, 0.5, 4},             // name without the prefix
      {"statistics/", {1}, statistic, 0.5, 4},      // nothing after it
      {"statistics/a\n", {1}, statistic, 0.5, 4},   // control character
      {"statistics/a", {}, statistic, 0.5, 4.25},   // bound off the quantum
      {"statistics/a", {0}, statistic, 0.5, 4},     // empty
      {"statistics/a", {-1}, statistic, 0.5, 4},    // negative
      {"statistics/a", {1 << 30, 1 << 30, 1 << 30}, statistic, 0.5, 4},
      {"statistics/a", {1}, statistic, 0.3, 3},  // quantum no power of two
      {"statistics/a", {1}, statistic, 0, 4},
      {"statistics/a", {1}, statistic, 0.5, 0},
      {"statistics/a", {1}, statistic, 0.5, -4},
      {"statistics/a", {1}, statistic, 0.5, std::numeric_limits<double>::infinity()},
      {"statistics/a", {1}, statistic, 0.5, 5.5}};  // 11 steps x n = 2^31 + ...: overflows
  for (const Segment& segment : refused) {
    EXPECT_THAT(CreateWith(segment), StatusIs(absl::StatusCode::kInvalidArgument, _)) << segment.name;
  }
  EXPECT_THAT(CreateWith({"statistics/a", {1}, statistic, 0.5, 5}), IsOk());  // 10 steps fit exactly
}

TEST(ManifestTest, AScalarHasOneCoordinate) {
  const Manifest manifest = Manifest::Create({{"gain", {}, SegmentKind::kDelta}},
                                             {.clip_norm = 1, .max_weight = 1, .cohort_bound = 1})
                                .value();
  EXPECT_EQ(manifest.delta_coordinates(), 1);
}

TEST(ManifestTest, RefusesAManifestWithoutSegments) {
  EXPECT_THAT(Manifest::Create({}, ExampleTerms()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no segment")));
}

TEST(ManifestTest, RefusesTermsThatCannotBeOrCouldOverflow) {
  const auto create = [](Manifest::Terms terms) { return Manifest::Create({{"w", {1}}}, terms).status(); };
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT(create({.clip_norm = 0, .max_weight = 1, .cohort_bound = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("clip_norm")));
  EXPECT_THAT(create({.clip_norm = -1, .max_weight = 1, .cohort_bound = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("clip_norm")));
  EXPECT_THAT(create({.clip_norm = infinity, .max_weight = 1, .cohort_bound = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("clip_norm")));
  EXPECT_THAT(create({.clip_norm = std::nan(""), .max_weight = 1, .cohort_bound = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("clip_norm")));
  EXPECT_THAT(create({.clip_norm = 1, .max_weight = 0, .cohort_bound = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_weight")));
  EXPECT_THAT(create({.clip_norm = 1, .max_weight = 1, .cohort_bound = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cohort_bound")));
  EXPECT_THAT(create({.clip_norm = 1, .max_weight = 1, .cohort_bound = 1, .ring_bits = 16}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("ring_bits")));
  // 65536 x 32768 = 2^31, one more than a sum may be.
  EXPECT_THAT(create({.clip_norm = 1, .max_weight = 65536, .cohort_bound = 32768}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("overflow")));
  EXPECT_THAT(create({.clip_norm = 1, .max_weight = 65536, .cohort_bound = 32767}), IsOk());
}

}  // namespace
}  // namespace consort
