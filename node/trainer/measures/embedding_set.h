// Sounds as points: what distances between two collections compare.
#ifndef CONSORT_NODE_TRAINER_MEASURES_EMBEDDING_SET_H_
#define CONSORT_NODE_TRAINER_MEASURES_EMBEDDING_SET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace consort::trainer {

// Points of one collection. A distance is only worth as much as its embedding, so that the names go wherever
// a value goes.
struct EmbeddingSet {
  std::string embedding;  // what made points of sounds, with its version
  std::string name;       // of the collection
  int dimensions = 0;
  std::vector<float> values;  // [count, dimensions]

  int64_t count() const { return dimensions > 0 ? static_cast<int64_t>(values.size()) / dimensions : 0; }
};

// A distance between two collections and all that it depends on.
struct CollectionDistance {
  double value = 0;
  std::string measure;  // what was computed, with its settings
  std::string embedding, reference, evaluated;
  int dimensions = 0;
  int64_t reference_count = 0, evaluated_count = 0;
};

// One line: measure, value, embedding, both collections and their sizes.
std::string Describe(const CollectionDistance& distance);

// `value` of `measure` with the rest taken from the sets.
CollectionDistance DistanceOf(const EmbeddingSet& reference, const EmbeddingSet& evaluated,
                              std::string measure, double value);

// Errors: InvalidArgument if the two are not of one embedding and size, values do not make whole points, one
// has fewer than `least` points, or a value is NaN or infinite.
absl::Status CheckComparable(const EmbeddingSet& reference, const EmbeddingSet& evaluated, int64_t least);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MEASURES_EMBEDDING_SET_H_
