#include "common/update/manifest_json.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/update/decimal.h"
#include "nlohmann/json.hpp"

namespace consort {
namespace {

using nlohmann::json;

constexpr char kFormat[] = "consort.manifest.v1";

absl::Status Malformed(absl::string_view member) {
  return absl::InvalidArgumentError(
      absl::StrCat("the update manifest cannot be read: a member is missing or of another type: ", member));
}

absl::StatusOr<uint32_t> ReadCount(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_number_unsigned()) return Malformed(member);
  const uint64_t value = found->get<uint64_t>();
  if (value > std::numeric_limits<uint32_t>::max()) return Malformed(member);
  return static_cast<uint32_t>(value);
}

absl::StatusOr<std::string> ReadText(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_string()) return Malformed(member);
  return found->get<std::string>();
}

absl::StatusOr<double> ReadReal(const json& object, const char* member) {
  ASSIGN_OR_RETURN(const std::string text, ReadText(object, member));
  const absl::StatusOr<double> value = ParseDecimal(text);
  if (!value.ok()) return Malformed(member);
  return *value;
}

absl::StatusOr<std::vector<int64_t>> ReadShape(const json& object) {
  const auto found = object.find("shape");
  if (found == object.end() || !found->is_array()) return Malformed("shape");
  std::vector<int64_t> shape;
  for (const json& dimension : *found) {
    if (!dimension.is_number_unsigned()) return Malformed("shape");
    if (dimension.get<uint64_t>() > std::numeric_limits<int64_t>::max()) return Malformed("shape");
    shape.push_back(dimension.get<int64_t>());
  }
  return shape;
}

absl::StatusOr<Segment> ReadSegment(const json& object) {
  if (!object.is_object()) return Malformed("segments");
  Segment segment;
  ASSIGN_OR_RETURN(segment.name, ReadText(object, "name"));
  ASSIGN_OR_RETURN(segment.shape, ReadShape(object));
  ASSIGN_OR_RETURN(const std::string kind, ReadText(object, "kind"));
  if (kind == "delta") return segment;
  if (kind != "statistic") return Malformed("kind");
  segment.kind = SegmentKind::kStatistic;
  ASSIGN_OR_RETURN(segment.quantum, ReadReal(object, "quantum"));
  ASSIGN_OR_RETURN(segment.bound, ReadReal(object, "bound"));
  return segment;
}

json WriteSegment(const Segment& segment) {
  json object = {{"name", segment.name}, {"shape", segment.shape}};
  if (segment.kind == SegmentKind::kDelta) {
    object["kind"] = "delta";
  } else {
    object["kind"] = "statistic";
    object["quantum"] = DecimalOf(segment.quantum);
    object["bound"] = DecimalOf(segment.bound);
  }
  return object;
}

}  // namespace

absl::StatusOr<std::string> WriteManifestJson(const std::vector<Segment>& segments,
                                              const Manifest::Terms& terms) {
  json document = {{"format", kFormat},
                   {"ring_bits", terms.ring_bits},
                   {"clip_norm", DecimalOf(terms.clip_norm)},
                   {"max_weight", terms.max_weight},
                   {"cohort_bound", terms.cohort_bound},
                   {"segments", json::array()}};
  for (const Segment& segment : segments) document["segments"].push_back(WriteSegment(segment));
  try {
    return document.dump();  // members sorted, no blanks: RFC 8785 for what a manifest may hold
  } catch (const json::exception&) {
    return absl::InvalidArgumentError("the update manifest is refused; a segment's name is not UTF-8");
  }
}

absl::StatusOr<ManifestJson> ReadManifestJson(absl::string_view text) {
  const json document = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return Malformed("the whole is not a JSON object");
  ASSIGN_OR_RETURN(const std::string format, ReadText(document, "format"));
  if (format != kFormat) return Malformed("format");
  ManifestJson read;
  ASSIGN_OR_RETURN(const uint32_t ring_bits, ReadCount(document, "ring_bits"));
  if (ring_bits > 64) return Malformed("ring_bits");
  read.terms.ring_bits = static_cast<int>(ring_bits);
  ASSIGN_OR_RETURN(read.terms.clip_norm, ReadReal(document, "clip_norm"));
  ASSIGN_OR_RETURN(read.terms.max_weight, ReadCount(document, "max_weight"));
  ASSIGN_OR_RETURN(read.terms.cohort_bound, ReadCount(document, "cohort_bound"));
  const auto segments = document.find("segments");
  if (segments == document.end() || !segments->is_array()) return Malformed("segments");
  for (const json& object : *segments) {
    ASSIGN_OR_RETURN(Segment segment, ReadSegment(object));
    read.segments.push_back(std::move(segment));
  }
  return read;
}

}  // namespace consort
