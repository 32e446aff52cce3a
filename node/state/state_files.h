// Small files of the daemon's own state: read whole, with a bound.
#ifndef CONSORT_NODE_STATE_STATE_FILES_H_
#define CONSORT_NODE_STATE_STATE_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace consort::node {

// Nothing that is read whole is larger: a task carries a manifest, an offer several.
inline constexpr size_t kMaxStateFileBytes = 16 << 20;

// Errors: NotFound; DataLoss past kMaxStateFileBytes; the disk's.
absl::StatusOr<std::string> ReadStateFile(const std::string& path);

// Makes a folder (mode 0700) and its parents; one that exists is left alone. Errors: the disk's.
absl::Status MakeDirectory(const std::string& path);

// Names in a folder, sorted; empty if it is missing. Errors: the disk's.
absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path);

// Removes a file or a folder with everything in it; what is missing is no error. Errors: the disk's.
absl::Status RemoveAll(const std::string& path);

// Bytes free for us on the file system of `path`; 0 if it cannot be told.
uint64_t FreeDiskBytes(const std::string& path);

}  // namespace consort::node

#endif  // CONSORT_NODE_STATE_STATE_FILES_H_
