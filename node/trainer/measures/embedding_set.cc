#include "node/trainer/measures/embedding_set.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "node/trainer/descriptors/audio_check.h"

namespace consort::trainer {
namespace {

absl::Status CheckSet(const EmbeddingSet& set, int64_t least) {
  if (set.dimensions < 1 || set.values.size() % set.dimensions != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("an embedding set has no whole points: ", set.values.size(), " values of ",
                     set.dimensions, " dimensions"));
  }
  if (set.count() < least) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an embedding set is too small for this distance: ", set.count(), " points, expected ", least));
  }
  return CheckFinite(set.values);
}

}  // namespace

std::string Describe(const CollectionDistance& distance) {
  return absl::StrFormat("%s %.6g (embedding %s, %d dimensions; reference %s, N = %d; evaluated %s, N = %d)",
                         distance.measure, distance.value, distance.embedding, distance.dimensions,
                         distance.reference, distance.reference_count, distance.evaluated,
                         distance.evaluated_count);
}

CollectionDistance DistanceOf(const EmbeddingSet& reference, const EmbeddingSet& evaluated,
                              std::string measure, double value) {
  CollectionDistance distance;
  distance.value = value;
  distance.measure = std::move(measure);
  distance.embedding = reference.embedding;
  distance.reference = reference.name;
  distance.evaluated = evaluated.name;
  distance.dimensions = reference.dimensions;
  distance.reference_count = reference.count();
  distance.evaluated_count = evaluated.count();
  return distance;
}

absl::Status CheckComparable(const EmbeddingSet& reference, const EmbeddingSet& evaluated, int64_t least) {
  if (reference.embedding != evaluated.embedding || reference.dimensions != evaluated.dimensions) {
    return absl::InvalidArgumentError(
        absl::StrCat("embedding sets to compare must be of one embedding: reference ", reference.embedding,
                     " with ", reference.dimensions, " dimensions, evaluated ", evaluated.embedding, " with ",
                     evaluated.dimensions));
  }
  RETURN_IF_ERROR(CheckSet(reference, least));
  return CheckSet(evaluated, least);
}

}  // namespace consort::trainer
