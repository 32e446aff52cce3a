#include "common/artifact/file_digest.h"

#include <fcntl.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr uint64_t kBlockBytes = 256 << 10;  // stays in the second-level cache between the read and the hash

}  // namespace

absl::Status HashRange(const FileDescriptor& file, uint64_t begin, uint64_t end, Sha256& hash) {
  std::vector<char> block(std::min(kBlockBytes, end - begin));
  while (begin < end) {
    const size_t wanted = std::min<uint64_t>(block.size(), end - begin);
    ASSIGN_OR_RETURN(const size_t got, ReadAt(file, begin, block.data(), wanted));
    if (got < wanted) {
      return absl::DataLossError(
          absl::StrCat("a file ends early: at byte ", begin + got, ", expected ", end));
    }
    hash.Update({block.data(), got});
    begin += got;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DigestOfFile(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t size, SizeOfFile(file));
  Sha256 hash;
  RETURN_IF_ERROR(HashRange(file, 0, size, hash));
  return HexOf(hash.Finish());
}

}  // namespace consort
