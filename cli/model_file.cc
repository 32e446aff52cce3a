#include "cli/model_file.h"

#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort::cli {

absl::StatusOr<std::string> ReadModelFile(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t size, SizeOfFile(file));
  if (size > kMaxModelFileBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the file is larger than any model that Consort has: ", path, " has ", size,
                     " bytes, at most ", kMaxModelFileBytes));
  }
  std::string bytes(size, '\0');
  ASSIGN_OR_RETURN(const size_t read, ReadAt(file, 0, bytes.data(), bytes.size()));
  if (read != size) {
    return absl::FailedPreconditionError(
        absl::StrCat("the file was changed while it was read; try again: ", path));
  }
  return bytes;
}

}  // namespace consort::cli
