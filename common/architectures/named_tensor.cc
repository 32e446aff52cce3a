#include "common/architectures/named_tensor.h"

namespace consort {

int64_t NamedTensor::size() const {
  int64_t size = 1;
  for (int64_t extent : shape) size *= extent;
  return size;
}

}  // namespace consort
