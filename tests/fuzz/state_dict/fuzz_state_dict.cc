// Any bytes as somebody's model: refused with a status, or tensors whose values can be read. The first byte
// says how to take the rest: as a file, or as the pickle of a ZIP file with a storage of 64 bytes, so that
// the search need not find checksums.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "common/state_dict/model_import.h"
#include "common/state_dict/state_dict.h"
#include "tests/common/state_dict/zip_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string file(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) {
    file = consort::testing::ZipFile({{"a/data.pkl", file}, {"a/data/0", std::string(64, '\1')}});
  }
  const absl::StatusOr<std::vector<consort::StoredTensor>> tensors = consort::ReadStateDict(file);
  if (!tensors.ok()) return 0;
  for (const consort::StoredTensor& tensor : *tensors) {
    int64_t count = 1;
    for (const int64_t extent : tensor.shape)
      count = std::min<int64_t>(count, 1 << 20) * std::min<int64_t>(extent, 1 << 20);
    if (!consort::HasFloats(tensor) || count > 1 << 16) continue;
    if (consort::FloatValues(tensor).size() != static_cast<size_t>(count)) std::abort();
  }
  const std::vector<consort::NamedTensor> layout = {{"w", {2}}, {"first.weight", {2, 3}}};
  const absl::StatusOr<consort::ImportedModel> model = consort::ImportModel(*tensors, layout, "example", "");
  if (model.ok() && model->complete() && !consort::ReadStateDict(model->file).ok()) std::abort();
  return 0;
}
