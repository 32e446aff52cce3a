// An embedding set as a matrix, for this folder's sources only.
#ifndef CONSORT_NODE_TRAINER_MEASURES_EMBEDDING_POINTS_H_
#define CONSORT_NODE_TRAINER_MEASURES_EMBEDDING_POINTS_H_

#include <Eigen/Core>

#include "node/trainer/measures/embedding_set.h"

namespace consort::trainer {

using Points = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// A copy of the set, [count, dimensions].
inline Points PointsOf(const EmbeddingSet& set) {
  using Values = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Values>(set.values.data(), set.count(), set.dimensions).cast<double>();
}

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MEASURES_EMBEDDING_POINTS_H_
