// Reads the pickles that torch.save writes for state dicts, as data: nothing a pickle names is ever called.
#ifndef CONSORT_COMMON_STATE_DICT_PICKLE_H_
#define CONSORT_COMMON_STATE_DICT_PICKLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

inline constexpr size_t kMaxPickleBytes = 64 << 20;  // of a network with some 200,000 tensors
inline constexpr size_t kMaxPickleValues = 1 << 22;

// A view into a storage, whose bytes lie in a file of their own.
struct PickledTensor {
  std::string dtype;    // of safetensors: "F32", "I64", ...
  std::string storage;  // its key
  int64_t storage_values = 0;
  int64_t offset = 0;  // in values, as strides
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
};

struct PickleValue {
  enum class Kind { kNone, kBool, kInteger, kReal, kText, kTuple, kList, kDict, kGlobal, kStorage, kTensor };
  Kind kind = Kind::kNone;
  int64_t integer = 0;                          // bool, integer
  std::string text;                             // text, or the name of a global
  std::vector<uint32_t> items;                  // indices; of a dict key, value, key, value, ...
  std::shared_ptr<const PickledTensor> tensor;  // of a storage its dtype, key and length alone
};

// The values of one pickle. Dicts may hold themselves: walk with a limit.
struct Pickle {
  std::vector<PickleValue> values;
  uint32_t root = 0;  // index
};

// Reads opcodes of protocols 2 to 5 (CPython, Lib/pickletools.py) for dicts, lists, tuples, text, numbers,
// and tensors on storages. Of globals it knows collections.OrderedDict, torch._utils._rebuild_tensor_v2 and
// _rebuild_parameter, and the storage types of torch.
// Errors: InvalidArgument "not-a-state-dict: ..." naming the first other global, or opcode, byte and what is
// wrong; ResourceExhausted past the limits above.
absl::StatusOr<Pickle> ReadPickle(absl::string_view bytes);

}  // namespace consort

#endif  // CONSORT_COMMON_STATE_DICT_PICKLE_H_
