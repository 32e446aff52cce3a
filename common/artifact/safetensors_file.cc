#include "common/artifact/safetensors_file.h"

#include <algorithm>
#include <string>

#include "common/status/macros.h"

namespace consort {
namespace {

constexpr uint64_t kFirstReadBytes = 256 << 10;  // holds the whole header of most models

}  // namespace

absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(const FileDescriptor& file) {
  ASSIGN_OR_RETURN(const uint64_t file_bytes, SizeOfFile(file));
  std::string prefix;
  absl::StatusOr<SafetensorsHeader> header = absl::InvalidArgumentError("nothing was read");
  for (const uint64_t wanted : {kFirstReadBytes, SafetensorsHeader::kMaxHeaderBytes + 8}) {
    prefix.resize(std::min(wanted, file_bytes));
    ASSIGN_OR_RETURN(const size_t got, ReadAt(file, 0, prefix.data(), prefix.size()));
    prefix.resize(got);
    header = SafetensorsHeader::Parse(prefix, file_bytes);
    if (header.ok() || prefix.size() == file_bytes) break;
  }
  return header;
}

}  // namespace consort
