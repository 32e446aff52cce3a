#include "node/trainer/families/latent_round.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <utility>

#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr int kRate = 8000;

// Recordings of one value.
class FakeRepertoire final : public Repertoire {
 public:
  void AddRecording(double seconds, float value) {
    entries_.push_back({"qudi", static_cast<int64_t>(seconds * kRate)});
    values_.push_back(value);
  }

  const std::vector<Entry>& entries() const override { return entries_; }
  absl::StatusOr<std::vector<float>> Read(size_t entry, int64_t begin, int64_t samples) override {
    if (!read_status.ok()) return read_status;
    reads.push_back({begin, samples});
    return std::vector<float>(samples, values_[entry]);
  }
  void Heard(size_t entry, uint64_t windows) override { heard[entry] += windows; }

  absl::Status read_status;
  std::vector<std::pair<int64_t, int64_t>> reads;  // begin and length
  std::map<size_t, uint64_t> heard;

 private:
  std::vector<Entry> entries_;
  std::vector<float> values_;
};

class LatentRoundTest : public ::testing::Test {
 protected:
  LatentRoundTest() {
    facts_.sample_rate_hz = kRate;
    facts_.latent_size = 1;
  }

  // Each window has one latent frame, its first sample.
  absl::StatusOr<Fitted> Run() {
    const FitTerms terms;
    const auto progress = [this](int done, int total, double) {
      progress_ = {done, total};
      if (done == stop_after_) stop_ = true;
    };
    return AddUpLatents(
        {repertoire_, terms, progress, stop_}, facts_,
        [](absl::Span<const float> audio) -> absl::StatusOr<std::vector<float>> {
          return std::vector<float>{audio[0]};
        },
        totals_);
  }

  FakeRepertoire repertoire_;
  ArchitectureFacts facts_;
  LatentTotals totals_{1};
  std::atomic<bool> stop_{false};
  int stop_after_ = 0;
  std::pair<int, int> progress_;
};

TEST_F(LatentRoundTest, EveryWindowCounts) {
  repertoire_.AddRecording(70, 1);  // 560,000 samples: 524,288 and the rest
  repertoire_.AddRecording(10, 0.5f);
  const Fitted fitted = Run().value();
  EXPECT_THAT(totals_.Sums(), ElementsAre(3, 2.5, 2.25));
  EXPECT_THAT(fitted.statistics, ::testing::ElementsAreArray(totals_.Values()));
  EXPECT_THAT(fitted.deltas, ::testing::IsEmpty());
  EXPECT_EQ(fitted.windows, 3u);
  EXPECT_THAT(repertoire_.heard, ElementsAre(Pair(0, 2), Pair(1, 1)));
  EXPECT_EQ(progress_, std::make_pair(3, 3));
}

TEST_F(LatentRoundTest, OfALongRecordingTheMiddleTenMinutesAreHeard) {
  repertoire_.AddRecording(1200, 1);
  ASSERT_THAT(Run(), IsOk());
  ASSERT_THAT(repertoire_.reads, SizeIs(10));  // 4,800,000 samples
  EXPECT_EQ(repertoire_.reads.front().first, 300 * kRate);
  EXPECT_EQ(repertoire_.reads.back().first + repertoire_.reads.back().second, 900 * kRate);
}

TEST_F(LatentRoundTest, ThreeHoursAreSharedAlikeByManyRecordings) {
  for (int i = 0; i < 1080; ++i) repertoire_.AddRecording(30, 1);
  ASSERT_THAT(Run(), IsOk());
  ASSERT_THAT(repertoire_.reads, SizeIs(1080));
  for (const auto& [begin, samples] : repertoire_.reads) {
    EXPECT_EQ(begin, 10 * kRate);
    EXPECT_EQ(samples, 10 * kRate);
  }
}

TEST_F(LatentRoundTest, SilenceIsHeardAndNotCounted) {
  repertoire_.AddRecording(10, 0);
  const Fitted fitted = Run().value();
  EXPECT_THAT(totals_.Sums(), ElementsAre(0, 0, 0));
  EXPECT_EQ(fitted.windows, 0u);
  EXPECT_THAT(repertoire_.heard, ElementsAre(Pair(0, 1)));
}

TEST_F(LatentRoundTest, StopEndsItBetweenWindowsAndNothingIsCounted) {
  repertoire_.AddRecording(200, 1);
  repertoire_.AddRecording(200, 1);
  stop_after_ = 5;
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kCancelled, ::testing::_));
  EXPECT_THAT(totals_.Sums(), ElementsAre(0, 0, 0));
  EXPECT_THAT(repertoire_.heard, ElementsAre(Pair(0, 4), Pair(1, 1)));
}

TEST_F(LatentRoundTest, ReadingThatFailsEndsIt) {
  repertoire_.AddRecording(10, 1);
  repertoire_.read_status = absl::FailedPreconditionError("no-consent");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kFailedPrecondition, "no-consent"));
}

}  // namespace
}  // namespace consort::trainer
