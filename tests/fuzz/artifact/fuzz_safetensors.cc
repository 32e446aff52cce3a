// Any bytes as a safetensors file: refused with a status, or accepted with tensors that cover the data
// exactly and that we write back to the same tensor digest.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/artifact/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view file(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<consort::SafetensorsHeader> header = consort::SafetensorsHeader::Parse(file, size);
  if (!header.ok()) return 0;
  uint64_t bytes = 0;
  std::vector<consort::TensorView> tensors;
  for (const consort::TensorInfo& tensor : header->tensors()) {
    bytes += tensor.end - tensor.begin;
    if (header->Find(tensor.name) != &tensor) std::abort();
    const absl::string_view values =
        file.substr(header->data_offset() + tensor.begin, tensor.end - tensor.begin);
    tensors.push_back({tensor.name, tensor.dtype, tensor.shape, values});
  }
  if (header->data_offset() + bytes != size) std::abort();
  const absl::StatusOr<std::string> written = consort::WriteSafetensors(tensors, header->metadata());
  if (!written.ok()) std::abort();
  if (*consort::TensorDigest(*written) != *consort::TensorDigest(file)) std::abort();
  return 0;
}
