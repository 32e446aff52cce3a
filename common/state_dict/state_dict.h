// The tensors of a model file that another program wrote: safetensors, or what torch.save wrote since PyTorch
// 1.6.
#ifndef CONSORT_COMMON_STATE_DICT_STATE_DICT_H_
#define CONSORT_COMMON_STATE_DICT_STATE_DICT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

// A tensor as it lies in the file.
struct StoredTensor {
  std::string name;   // of nested dicts with dots between
  std::string dtype;  // of safetensors: "F32", "BF16", ...
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;  // in values
  int64_t offset = 0;            // in values
  absl::string_view storage;     // into the file; holds every value of the view
};

// In name order. A dict with a member "state_dict" (as PyTorch Lightning's checkpoints have) is that member.
// Nothing is unpickled. `file` must outlive the tensors.
// Errors: InvalidArgument "artifact-damaged: ..." for a file that is neither or is broken, for a name used
// twice and bytes of another byte order; "not-a-state-dict: ..." of ReadPickle and for a file without a dict
// of tensors; ResourceExhausted of ReadPickle.
absl::StatusOr<std::vector<StoredTensor>> ReadStateDict(absl::string_view file);

// Whether a tensor holds real numbers that FloatValues reads: F32, F16, BF16 or F64.
bool HasFloats(const StoredTensor& tensor);
// The values in C order, float16 and bfloat16 exactly and float64 to the nearest float32.
// Precondition: HasFloats.
std::vector<float> FloatValues(const StoredTensor& tensor);

}  // namespace consort

#endif  // CONSORT_COMMON_STATE_DICT_STATE_DICT_H_
