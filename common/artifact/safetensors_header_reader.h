// Reads the JSON of a safetensors header event by event, so that nothing but the few shapes that the format
// knows is ever built in memory.
#ifndef CONSORT_COMMON_ARTIFACT_SAFETENSORS_HEADER_READER_H_
#define CONSORT_COMMON_ARTIFACT_SAFETENSORS_HEADER_READER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/artifact/safetensors.h"

namespace consort {

struct SafetensorsJson {
  std::map<std::string, TensorInfo> tensors;
  std::map<std::string, std::string> metadata;
};

// Checks spelling only: an object of tensors, each with exactly dtype, shape and data_offsets, no key twice,
// names without control characters. Errors: InvalidArgument.
absl::StatusOr<SafetensorsJson> ReadSafetensorsJson(absl::string_view json);

}  // namespace consort

#endif  // CONSORT_COMMON_ARTIFACT_SAFETENSORS_HEADER_READER_H_
