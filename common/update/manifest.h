// What one client update consists of: an ordered list of named segments in one ring vector, the weight last.
// A job fixes its manifests; round-open names the digest of the one in force. Format: docs/formats/update.md.
#ifndef CONSORT_COMMON_UPDATE_MANIFEST_H_
#define CONSORT_COMMON_UPDATE_MANIFEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

enum class SegmentKind {
  kDelta,  // weights after minus before: L2-clipped together, pre-weighted, scaled, stochastically rounded
  kStatistic,  // exact to `quantum`, bounded by `bound`, never clipped, not pre-weighted
};

struct Segment {
  std::string name;  // tensor name in the state's safetensors; or "statistics/<name>"
  std::vector<int64_t> shape;
  SegmentKind kind = SegmentKind::kDelta;
  double quantum = 0;  // statistics: the unit of one ring step, a power of two
  double bound = 0;    // statistics: largest |value|

  int64_t size() const;  // number of coordinates
};

// Longest canonical JSON that Parse reads: some 20,000 segments, far above any model.
inline constexpr size_t kMaxManifestBytes = 2 << 20;

// Immutable value. Layout of the vector: delta segments in order, statistics segments in order, weight.
class Manifest {
 public:
  struct Terms {
    double clip_norm = 0;       // L2 bound C of all delta segments together, > 0
    uint32_t max_weight = 0;    // W: weights are integers in [1, W]
    uint32_t cohort_bound = 0;  // n: most updates in one sum
    int ring_bits = 32;         // 32 only
  };
  // Errors: InvalidArgument for no segment, unusable or duplicate names, empty or negative shapes,
  // deltas after statistics, a quantum that is no power of two, a bound that is no positive multiple of it,
  // ring_bits other than 32, terms out of range, or terms under which a sum could overflow (which one is
  // said).
  static absl::StatusOr<Manifest> Create(std::vector<Segment> segments, const Terms& terms);
  // Parses canonical JSON of at most kMaxManifestBytes. Errors: InvalidArgument as above or for other
  // spellings.
  static absl::StatusOr<Manifest> Parse(absl::string_view json);

  const std::vector<Segment>& segments() const { return segments_; }
  const Terms& terms() const { return terms_; }
  const std::string& json() const { return json_; }      // canonical; what the digest covers
  const std::string& digest() const { return digest_; }  // SHA-256 of json(), hex

  int64_t delta_coordinates() const { return delta_coordinates_; }
  int64_t statistic_coordinates() const { return statistic_coordinates_; }
  int64_t coordinates() const { return delta_coordinates_ + statistic_coordinates_ + 1; }
  uint64_t payload_bytes() const { return static_cast<uint64_t>(coordinates()) * 4; }
  // L = floor((2^31 - 1) / n): the largest ring value of a delta in one update, so that n of them cannot
  // overflow.
  int64_t delta_limit() const;
  // Ring steps per unit of a delta: s = L / C.
  double scale() const;
  // "segment NAME at index I" for a coordinate of the vector, for messages. `coordinate` in [0,
  // coordinates()).
  std::string Describe(int64_t coordinate) const;
  // The statistics segment that holds `coordinate`. Precondition: it is one.
  const Segment& StatisticAt(int64_t coordinate) const;

 private:
  Manifest() = default;
  const Segment* Locate(int64_t coordinate, int64_t* index) const;  // null for the weight

  std::vector<Segment> segments_;
  std::vector<int64_t> ends_;  // of each segment in the vector
  Terms terms_;
  std::string json_;
  std::string digest_;
  int64_t delta_coordinates_ = 0;
  int64_t statistic_coordinates_ = 0;
};

}  // namespace consort

#endif  // CONSORT_COMMON_UPDATE_MANIFEST_H_
