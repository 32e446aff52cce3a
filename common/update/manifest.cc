#include "common/update/manifest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "common/update/manifest_json.h"

namespace consort {
namespace {

constexpr int64_t kRingMax = std::numeric_limits<int32_t>::max();
constexpr char kStatisticPrefix[] = "statistics/";
constexpr int64_t kMaxCoordinates = int64_t{1}
                                    << 40;  // 4 TiB of payload; keeps every product below in 64 bits

absl::Status Refuse(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the update manifest is refused; change the job: ", what));
}

// Ends are summed over all segments, so each size is checked before it is added.
std::optional<int64_t> CheckedSize(const std::vector<int64_t>& shape) {
  int64_t size = 1;
  for (const int64_t dimension : shape) {
    if (dimension <= 0 || dimension > kMaxCoordinates) return std::nullopt;
    if (__builtin_mul_overflow(size, dimension, &size) || size > kMaxCoordinates) return std::nullopt;
  }
  return size;
}

bool IsPowerOfTwo(double value) {
  int exponent = 0;
  return std::isnormal(value) && value > 0 && std::frexp(value, &exponent) == 0.5;
}

absl::Status CheckTerms(const Manifest::Terms& terms) {
  if (terms.ring_bits != 32)
    return Refuse(absl::StrCat("ring_bits is ", terms.ring_bits, ", only 32 is known"));
  if (!std::isnormal(terms.clip_norm) || terms.clip_norm < 0)
    return Refuse("clip_norm is not a positive number");
  if (terms.cohort_bound < 1 || terms.cohort_bound > kRingMax)
    return Refuse("cohort_bound is not in 1 to 2^31 - 1");
  if (terms.max_weight < 1) return Refuse("max_weight is 0");
  if (int64_t{terms.max_weight} * terms.cohort_bound > kRingMax) {
    return Refuse(absl::StrCat("a sum of weights could overflow: max_weight ", terms.max_weight,
                               " x cohort_bound ", terms.cohort_bound, ", at most ", kRingMax));
  }
  return absl::OkStatus();
}

absl::Status CheckStatistic(const Segment& segment, const Manifest::Terms& terms) {
  if (!absl::StartsWith(segment.name, kStatisticPrefix) ||
      segment.name.size() == sizeof(kStatisticPrefix) - 1) {
    return Refuse("a statistic's name does not begin with statistics/");
  }
  if (!IsPowerOfTwo(segment.quantum))
    return Refuse(absl::StrCat("the quantum is no power of two: ", segment.name));
  const double steps = segment.bound / segment.quantum;
  if (!std::isfinite(segment.bound) || !(steps >= 1) || steps != std::floor(steps)) {
    return Refuse(absl::StrCat("the bound is no positive multiple of the quantum: ", segment.name));
  }
  if (steps > static_cast<double>(kRingMax / terms.cohort_bound)) {
    return Refuse(absl::StrCat("a sum of this statistic could overflow: ", segment.name));
  }
  return absl::OkStatus();
}

bool IsName(const std::string& name) {
  if (name.empty()) return false;
  for (const unsigned char c : name) {
    if (c < 0x20 || c == 0x7F) return false;
  }
  return true;
}

}  // namespace

int64_t Segment::size() const {
  int64_t size = 1;
  for (const int64_t dimension : shape) size *= dimension;
  return size;
}

absl::StatusOr<Manifest> Manifest::Create(std::vector<Segment> segments, const Terms& terms) {
  RETURN_IF_ERROR(CheckTerms(terms));
  Manifest manifest;
  std::set<std::string> names;
  for (const Segment& segment : segments) {
    if (!IsName(segment.name)) return Refuse("a segment's name is empty or holds control characters");
    if (!names.insert(segment.name).second)
      return Refuse(absl::StrCat("a segment stands twice: ", segment.name));
    const std::optional<int64_t> size = CheckedSize(segment.shape);
    if (!size.has_value())
      return Refuse(absl::StrCat("a shape is empty, negative or too large: ", segment.name));
    if (segment.kind == SegmentKind::kStatistic) {
      RETURN_IF_ERROR(CheckStatistic(segment, terms));
      manifest.statistic_coordinates_ += *size;
    } else {
      if (manifest.statistic_coordinates_ > 0) {
        return Refuse(absl::StrCat("a delta stands after a statistic: ", segment.name));
      }
      manifest.delta_coordinates_ += *size;
    }
    if (manifest.coordinates() > kMaxCoordinates) return Refuse("there are more than 2^40 coordinates");
    manifest.ends_.push_back(manifest.coordinates() - 1);
  }
  if (segments.empty()) return Refuse("there is no segment");
  manifest.segments_ = std::move(segments);
  manifest.terms_ = terms;
  ASSIGN_OR_RETURN(manifest.json_, WriteManifestJson(manifest.segments_, terms));
  manifest.digest_ = Sha256Hex(manifest.json_);
  return manifest;
}

absl::StatusOr<Manifest> Manifest::Parse(absl::string_view json) {
  if (json.size() > kMaxManifestBytes)
    return Refuse(absl::StrCat("it is longer than ", kMaxManifestBytes, " bytes"));
  ASSIGN_OR_RETURN(ManifestJson read, ReadManifestJson(json));
  ASSIGN_OR_RETURN(Manifest manifest, Create(std::move(read.segments), read.terms));
  // One spelling: what the digest covers must be what was read, unknown members and blanks included.
  if (manifest.json() != json) return Refuse("it is not in its canonical spelling");
  return manifest;
}

int64_t Manifest::delta_limit() const { return kRingMax / terms_.cohort_bound; }

double Manifest::scale() const { return static_cast<double>(delta_limit()) / terms_.clip_norm; }

const Segment* Manifest::Locate(int64_t coordinate, int64_t* index) const {
  const auto end = std::upper_bound(ends_.begin(), ends_.end(), coordinate);
  if (end == ends_.end()) return nullptr;
  const Segment& segment = segments_[end - ends_.begin()];
  *index = coordinate - (*end - segment.size());
  return &segment;
}

std::string Manifest::Describe(int64_t coordinate) const {
  int64_t index = 0;
  const Segment* segment = Locate(coordinate, &index);
  if (segment == nullptr) return "the weight";
  return absl::StrCat("segment ", segment->name, " at index ", index);
}

const Segment& Manifest::StatisticAt(int64_t coordinate) const {
  int64_t index = 0;
  return *Locate(coordinate, &index);
}

}  // namespace consort
