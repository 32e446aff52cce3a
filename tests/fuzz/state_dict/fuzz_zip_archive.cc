// Any bytes as a ZIP file: refused with a status, or entries that lie apart within it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "common/state_dict/zip_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view file(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::vector<consort::ZipEntry>> entries = consort::ReadStoredZip(file);
  if (!entries.ok()) return 0;
  size_t bytes = 0;
  for (const consort::ZipEntry& entry : *entries) {
    if (entry.data.data() < file.data() || entry.data.data() + entry.data.size() > file.data() + size)
      std::abort();
    bytes += entry.data.size();
  }
  if (bytes > size) std::abort();
  return 0;
}
