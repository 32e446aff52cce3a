#include "node/daemon/update_file.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "common/crypto/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "node/daemon/block_undo.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::ReadFileOrDie;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::StartsWith;

class UpdateFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<double> WriteValues(const std::vector<float>& values) {
    auto writer = ValuesWriter::Create(values_, manifest_).value();
    if (const absl::Status added = writer->Add(values); !added.ok()) return added;
    return writer->Finish();
  }

  testing::TemporaryDirectory directory_;
  const std::string values_ = directory_.Path("values");
  const std::string payload_ = directory_.Path("payload");
  const Manifest manifest_ = Manifest::Create({{"w", {4}, SegmentKind::kDelta}},
                                              {.clip_norm = 8, .max_weight = 64, .cohort_bound = 1})
                                 .value();
};

TEST_F(UpdateFileTest, PayloadHoldsTheValuesInRingStepsAndTheWeightLast) {
  // n = 1: L = 2^31 - 1. Weight 64 of 64, norm 5 below 8: ring value = v * L / 8, so 3 gives about 3/8 of
  // 2^31.
  ASSERT_THAT(WriteValues({3, -4, 0, 0}), IsOk());
  const auto facts = EncodePayload(values_, payload_, manifest_, {64, 5.0, 1});
  ASSERT_THAT(facts.status(), IsOk());
  const std::string bytes = ReadFileOrDie(payload_);
  ASSERT_EQ(bytes.size(), 20);
  int32_t ring[5];
  std::memcpy(ring, bytes.data(), sizeof(ring));
  EXPECT_NEAR(ring[0], 805306367.6, 1.0);
  EXPECT_NEAR(ring[1], -1073741823.5, 1.0);
  EXPECT_EQ(ring[2], 0);
  EXPECT_EQ(ring[4], 64);
  EXPECT_EQ(facts->digest, Sha256Hex(bytes));
  EXPECT_EQ(facts->bytes, 20);
}

TEST_F(UpdateFileTest, SameValuesAndKeyGiveTheSameBytes) {
  ASSERT_THAT(WriteValues({0.1F, 0.2F, 0.3F, 0.4F}), IsOk());
  const auto first = EncodePayload(values_, payload_, manifest_, {10, 0.5, 99});
  ASSERT_THAT(WriteValues({0.1F, 0.2F, 0.3F, 0.4F}), IsOk());
  const auto second = EncodePayload(values_, directory_.Path("again"), manifest_, {10, 0.5, 99});
  EXPECT_EQ(first->digest, second->digest);
}

TEST_F(UpdateFileTest, WhatLayAtThePathBeforeDoesNotShow) {
  ASSERT_THAT(WriteValues({0.1F, 0.2F, 0.3F, 0.4F}), IsOk());
  const auto fresh = EncodePayload(values_, payload_, manifest_, {10, 0.5, 99});
  for (const size_t bytes : {7, 20, 21, 4000}) {
    testing::WriteFileOrDie(values_, std::string(bytes, 'x'));
    ASSERT_THAT(WriteValues({0.1F, 0.2F, 0.3F, 0.4F}), IsOk());
    const auto over = EncodePayload(values_, payload_, manifest_, {10, 0.5, 99});
    ASSERT_THAT(over.status(), IsOk()) << bytes;
    EXPECT_EQ(over->digest, fresh->digest) << bytes;
    EXPECT_EQ(ReadFileOrDie(payload_).size(), 20) << bytes;
  }
}

TEST_F(UpdateFileTest, NotANumberAndInfinityAreNamedAndNotStored) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    EXPECT_THAT(WriteValues({1, bad, 0, 0}).status(),
                StatusIs(absl::StatusCode::kOutOfRange, StartsWith("not-finite:")));
    EXPECT_EQ(ReadFileOrDie(values_), "");
  }
}

TEST_F(UpdateFileTest, MissingAndExtraValuesAreRefused) {
  EXPECT_THAT(WriteValues({1, 2, 3}).status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WriteValues({1, 2, 3, 4, 5}).status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(UpdateFileTest, AnEncodedPayloadTakesThePlaceOfItsValuesAndIsFoundAgain) {
  ASSERT_THAT(WriteValues({3, -4, 0, 0}), IsOk());
  EXPECT_THAT(StoredPayload(payload_, manifest_).status(), StatusIs(absl::StatusCode::kNotFound, _));
  const auto facts = EncodePayload(values_, payload_, manifest_, {64, 5.0, 1});
  ASSERT_THAT(facts.status(), IsOk());
  EXPECT_FALSE(std::filesystem::exists(values_));
  EXPECT_FALSE(std::filesystem::exists(values_ + ".undo"));
  EXPECT_EQ(StoredPayload(payload_, manifest_)->digest, facts->digest);
}

TEST_F(UpdateFileTest, EncodingThatWasKilledWithinABlockGoesOnToTheSameBytes) {
  const int64_t block = kEncodedBlockBytes / sizeof(float);
  const Manifest manifest = Manifest::Create({{"w", {2 * block + 10}, SegmentKind::kDelta}},
                                             {.clip_norm = 8, .max_weight = 64, .cohort_bound = 1})
                                .value();
  std::string values(manifest.payload_bytes() - sizeof(uint32_t), '\0');
  for (int64_t i = 0; i < 2 * block + 10; ++i) {
    const float value = static_cast<float>(i % 7) * 1e-3F;
    std::memcpy(values.data() + i * sizeof(float), &value, sizeof(value));
  }
  testing::WriteFileOrDie(values_, values);
  ASSERT_THAT(EncodePayload(values_, payload_, manifest, {10, 5.0, 3}).status(), IsOk());
  const std::string whole = ReadFileOrDie(payload_);

  // The first block and half of the second are new when the process ends.
  const size_t written = kEncodedBlockBytes * 3 / 2;
  testing::WriteFileOrDie(values_, whole.substr(0, written) + values.substr(written));
  ASSERT_THAT(
      BlockUndo::Open(values_ + ".undo")->Keep(1, values.substr(kEncodedBlockBytes, kEncodedBlockBytes)),
      IsOk());
  const auto facts = EncodePayload(values_, directory_.Path("again"), manifest, {10, 5.0, 3});
  ASSERT_THAT(facts.status(), IsOk());
  EXPECT_EQ(ReadFileOrDie(directory_.Path("again")), whole);
  EXPECT_EQ(facts->digest, Sha256Hex(whole));
}

TEST_F(UpdateFileTest, ValuesCutShortGiveNoPayload) {
  ASSERT_THAT(WriteValues({1, 2, 3, 4}), IsOk());
  testing::WriteFileOrDie(values_, ReadFileOrDie(values_).substr(0, 15));
  EXPECT_THAT(EncodePayload(values_, payload_, manifest_, {10, 5.5, 1}).status(),
              StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_FALSE(std::ifstream(payload_).good());
}

TEST_F(UpdateFileTest, WeightAboveTheManifestsIsRefused) {
  ASSERT_THAT(WriteValues({1, 2, 3, 4}), IsOk());
  EXPECT_THAT(EncodePayload(values_, payload_, manifest_, {65, 5.5, 1}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

}  // namespace
}  // namespace consort::node
