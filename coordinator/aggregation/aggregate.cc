#include "coordinator/aggregation/aggregate.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <utility>

#include "absl/types/span.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "common/update/ring_kernels.h"
#include "coordinator/aggregation/decode.h"
#include "coordinator/aggregation/model_step.h"
#include "coordinator/aggregation/ring_sum.h"
#include "coordinator/aggregation/spool_set.h"

namespace consort::coordinator {
namespace {

// Segments in order, with the place of the next coordinate: cuts a block of the vector into pieces of
// segments.
class SegmentCursor {
 public:
  explicit SegmentCursor(const Manifest& manifest) : manifest_(manifest) {}

  const Segment& segment() const { return manifest_.segments()[segment_]; }
  int64_t index() const { return index_; }  // within the segment
  // Coordinates left in the segment, at most `wanted`.
  int64_t Piece(int64_t wanted) const { return std::min(wanted, segment().size() - index_); }
  void Advance(int64_t count) {
    index_ += count;
    if (index_ == segment().size()) {
      ++segment_;
      index_ = 0;
    }
  }

 private:
  const Manifest& manifest_;
  size_t segment_ = 0;
  int64_t index_ = 0;
};

class Aggregation {
 public:
  Aggregation(const Manifest& manifest, SpoolSet spools, RingSum sum, ModelStep model)
      : manifest_(manifest),
        spools_(std::move(spools)),
        sum_(std::move(sum)),
        model_(std::move(model)),
        cursor_(manifest),
        values_(std::min(kBlockCoordinates, manifest.coordinates())) {}

  absl::StatusOr<AggregateResult> Run() {
    for (int64_t begin = 0; begin < manifest_.coordinates(); begin += kBlockCoordinates) {
      const int64_t size = std::min(kBlockCoordinates, manifest_.coordinates() - begin);
      RETURN_IF_ERROR(spools_.SumBlock(begin, size, sum_));
      ASSIGN_OR_RETURN(const absl::Span<const int32_t> sum, sum_.Sum());
      // Takes as long as the rest of the block's work, which goes on beside it.
      const std::future<void> hashed = std::async(std::launch::async, [this, sum] {
        sum_hash_.Update({reinterpret_cast<const char*>(sum.data()), sum.size() * sizeof(int32_t)});
      });
      const int64_t deltas = std::clamp<int64_t>(manifest_.delta_coordinates() - begin, 0, size);
      RETURN_IF_ERROR(TakeDeltas(sum.first(deltas), begin));
      const absl::Status taken = TakeStatistics(sum.subspan(deltas));
      hashed.wait();
      RETURN_IF_ERROR(taken);
    }
    RETURN_IF_ERROR(model_.Finish(result_));
    result_.sum_digest = HexOf(sum_hash_.Finish());
    result_.weight_total = spools_.weight_total();
    result_.average_norm = std::sqrt(squares_.Sum()) * Unit();
    return std::move(result_);
  }

 private:
  // What one ring step of the sum is worth in the average: 1 / s over the sum of w / W.
  double Unit() const {
    return manifest_.terms().max_weight / (manifest_.scale() * static_cast<double>(spools_.weight_total()));
  }

  absl::Status TakeDeltas(absl::Span<const int32_t> sum, int64_t begin) {
    const absl::Span<float> average = absl::MakeSpan(values_).first(sum.size());
    DecodeDeltas(sum, Unit(), average);
    squares_.Add(absl::MakeConstSpan(reinterpret_cast<const uint32_t*>(sum.data()), sum.size()), begin);
    for (size_t done = 0; done < sum.size();) {
      const int64_t piece = cursor_.Piece(static_cast<int64_t>(sum.size() - done));
      RETURN_IF_ERROR(model_.Apply(cursor_.segment(), cursor_.index(), average.subspan(done, piece)));
      cursor_.Advance(piece);
      done += piece;
    }
    return absl::OkStatus();
  }

  // The last coordinate of the vector is the weight, which is no statistic.
  absl::Status TakeStatistics(absl::Span<const int32_t> sum) {
    const size_t left = manifest_.statistic_coordinates() - result_.statistics.size();
    for (size_t done = 0, count = std::min(sum.size(), left); done < count;) {
      const int64_t piece = cursor_.Piece(static_cast<int64_t>(count - done));
      const size_t begin = result_.statistics.size();
      for (const int32_t value : sum.subspan(done, piece)) {
        result_.statistics.push_back(value * cursor_.segment().quantum);
      }
      RETURN_IF_ERROR(model_.Replace(cursor_.segment(), cursor_.index(),
                                     absl::MakeConstSpan(result_.statistics).subspan(begin)));
      cursor_.Advance(piece);
      done += piece;
    }
    return absl::OkStatus();
  }

  const Manifest& manifest_;
  SpoolSet spools_;
  RingSum sum_;
  ModelStep model_;
  SegmentCursor cursor_;
  std::vector<float> values_;  // one block's average
  SquareLanes squares_;
  Sha256 sum_hash_;
  AggregateResult result_;
};

}  // namespace

absl::StatusOr<AggregateResult> Aggregate(const AggregateRequest& request) {
  const Manifest& manifest = *request.manifest;
  ASSIGN_OR_RETURN(SpoolSet spools, SpoolSet::Open(request.spool_paths, manifest));
  ASSIGN_OR_RETURN(ModelStep model, ModelStep::Open(request));
  ASSIGN_OR_RETURN(RingSum sum, RingSum::Create(std::min(kBlockCoordinates, manifest.coordinates()),
                                                manifest.terms().cohort_bound));
  return Aggregation(manifest, std::move(spools), std::move(sum), std::move(model)).Run();
}

}  // namespace consort::coordinator
