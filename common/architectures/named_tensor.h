// A tensor of a model, by name and shape.
#ifndef CONSORT_COMMON_ARCHITECTURES_NAMED_TENSOR_H_
#define CONSORT_COMMON_ARCHITECTURES_NAMED_TENSOR_H_

#include <cstdint>
#include <string>
#include <vector>

namespace consort {

struct NamedTensor {
  std::string name;
  std::vector<int64_t> shape;

  int64_t size() const;  // number of values
};

}  // namespace consort

#endif  // CONSORT_COMMON_ARCHITECTURES_NAMED_TENSOR_H_
