// Which tensors of a file are meant by the weights of an architecture, by their names.
#ifndef CONSORT_COMMON_STATE_DICT_WEIGHT_SOURCE_H_
#define CONSORT_COMMON_STATE_DICT_WEIGHT_SOURCE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/architectures/named_tensor.h"
#include "common/state_dict/state_dict.h"

namespace consort {

// Borrowed: the whole weight, or a weight-norm pair of which the file may lack one.
struct WeightSource {
  const StoredTensor* whole = nullptr;
  const StoredTensor* directions = nullptr;
  const StoredTensor* gains = nullptr;
};

struct WeightSources {
  std::map<std::string, WeightSource> by_weight;
  std::vector<const StoredTensor*> extra;
};

// By the rules of ImportModel. `tensors` must outlive the result. Errors: InvalidArgument
// "artifact-damaged: ..." naming both if two tensors mean the same.
absl::StatusOr<WeightSources> FindSources(const std::vector<StoredTensor>& tensors,
                                          const std::vector<NamedTensor>& layout);

}  // namespace consort

#endif  // CONSORT_COMMON_STATE_DICT_WEIGHT_SOURCE_H_
