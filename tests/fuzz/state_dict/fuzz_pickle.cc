// Any bytes as a pickle: refused with a status, or values that name each other within bounds and tensors that
// stay inside their storages.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "common/state_dict/pickle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<consort::Pickle> pickle =
      consort::ReadPickle(absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!pickle.ok()) return 0;
  if (pickle->root >= pickle->values.size()) std::abort();
  for (const consort::PickleValue& value : pickle->values) {
    for (const uint32_t item : value.items) {
      if (item >= pickle->values.size()) std::abort();
    }
    if (value.kind != consort::PickleValue::Kind::kTensor) continue;
    if (value.tensor->shape.size() != value.tensor->strides.size()) std::abort();
    const std::vector<int64_t>& shape = value.tensor->shape;
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) continue;  // has no values
    int64_t last = value.tensor->offset;
    for (size_t i = 0; i < value.tensor->shape.size(); ++i) {
      last += (value.tensor->shape[i] - 1) * value.tensor->strides[i];
    }
    if (last < 0 || last >= value.tensor->storage_values) std::abort();
  }
  return 0;
}
