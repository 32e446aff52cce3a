// A file without a disk, for parsers that take a path.
#ifndef CONSORT_TESTS_FUZZ_SUPPORT_MEMORY_FILE_H_
#define CONSORT_TESTS_FUZZ_SUPPORT_MEMORY_FILE_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"

namespace consort::testing {

// Holds `data` under path() as long as it lives. Ends the program where the kernel has no memory for it.
class MemoryFile {
 public:
  MemoryFile(const uint8_t* data, size_t size) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
    if (descriptor_ < 0 || write(descriptor_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

 private:
  const int descriptor_;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_FUZZ_SUPPORT_MEMORY_FILE_H_
