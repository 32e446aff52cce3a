#include "node/trainer/engine/validation_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>
#include <utility>

namespace consort::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr int kRateHz = 100;  // 50 samples are half a second

std::vector<std::tuple<size_t, int64_t, int64_t>> Plain(const std::vector<Part>& parts) {
  std::vector<std::tuple<size_t, int64_t, int64_t>> plain;
  for (const Part& part : parts) plain.emplace_back(part.entry, part.begin, part.samples);
  return plain;
}

TEST(SplitForValidationTest, MiddleOfEachRecordingIsKeptFromTraining) {
  const ValidationParts parts = SplitForValidation({{"harp", 1000}, {"dizi", 500}}, 20, kRateHz);
  EXPECT_THAT(Plain(parts.validation), ElementsAre(std::tuple(0, 400, 200), std::tuple(1, 200, 100)));
  EXPECT_THAT(Plain(parts.training), ElementsAre(std::tuple(0, 0, 400), std::tuple(0, 600, 400),
                                                 std::tuple(1, 0, 200), std::tuple(1, 300, 200)));
}

TEST(SplitForValidationTest, OddLengthsLoseNoSample) {
  const ValidationParts parts = SplitForValidation({{"harp", 1001}}, 33, kRateHz);
  EXPECT_THAT(Plain(parts.validation), ElementsAre(std::tuple(0, 335, 330)));
  EXPECT_THAT(Plain(parts.training), ElementsAre(std::tuple(0, 0, 335), std::tuple(0, 665, 336)));
}

TEST(SplitForValidationTest, ShortRecordingsAreTrainedOnAsAWhole) {
  const ValidationParts parts = SplitForValidation({{"harp", 249}, {"dizi", 250}}, 20, kRateHz);
  EXPECT_THAT(Plain(parts.validation), ElementsAre(std::tuple(1, 100, 50)));
  EXPECT_THAT(Plain(parts.training).front(), std::tuple(0, 0, 249));
}

TEST(SplitForValidationTest, NothingIsKeptUnlessAskedFor) {
  const ValidationParts parts = SplitForValidation({{"harp", 1000}}, 0, kRateHz);
  EXPECT_THAT(parts.validation, IsEmpty());
  EXPECT_THAT(Plain(parts.training), ElementsAre(std::tuple(0, 0, 1000)));
}

// Its samples are their own positions.
class Counting final : public Repertoire {
 public:
  const std::vector<Entry>& entries() const override { return entries_; }
  absl::StatusOr<std::vector<float>> Read(size_t entry, int64_t begin, int64_t samples) override {
    std::vector<float> audio;
    for (int64_t i = begin; i < std::min(begin + samples, entries_[entry].samples); ++i) {
      audio.push_back(static_cast<float>(i));
    }
    return audio;
  }
  void Heard(size_t entry, uint64_t windows) override { heard.emplace_back(entry, windows); }

  std::vector<std::pair<size_t, uint64_t>> heard;

 private:
  const std::vector<Entry> entries_ = {{"harp", 10, 6}, {"dizi", 8, 1}};
};

TEST(PartRepertoireTest, PartsShareWhatTheirRecordingHas) {
  Counting whole;
  PartRepertoire parts(whole, {{0, 0, 4}, {0, 6, 4}, {1, 0, 8}});
  ASSERT_EQ(parts.entries().size(), 3u);
  EXPECT_EQ(parts.entries()[1].tradition, "harp");
  EXPECT_EQ(parts.entries()[1].samples, 4);
  EXPECT_EQ(parts.entries()[0].share, 3);
  EXPECT_EQ(parts.entries()[1].share, 3);
  EXPECT_EQ(parts.entries()[2].share, 1);
}

TEST(PartRepertoireTest, ReadsNothingBeyondAPart) {
  Counting whole;
  PartRepertoire parts(whole, {{0, 0, 4}, {0, 6, 4}});
  EXPECT_THAT(*parts.Read(0, 2, 5), ElementsAre(2, 3));
  EXPECT_THAT(*parts.Read(1, 0, 2), ElementsAre(6, 7));
  parts.Heard(1, 5);
  EXPECT_THAT(whole.heard, ElementsAre(Pair(0, 5)));
}

}  // namespace
}  // namespace consort::trainer
