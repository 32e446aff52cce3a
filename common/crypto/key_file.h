// Files that are published whole or not at all, with the mode their readers need; keys are for their owner
// alone.
#ifndef CONSORT_COMMON_CRYPTO_KEY_FILE_H_
#define CONSORT_COMMON_CRYPTO_KEY_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

// A PEM key or certificate is far smaller; a larger file is not one.
inline constexpr size_t kMaxKeyFileBytes = 64 * 1024;

// Writes `bytes` to a new file with `mode`, whatever the umask, and syncs it and its folder.
// Errors: AlreadyExists, and the file is as it was; otherwise as StatusOfErrno
// (common/artifact/durable_file.h).
absl::Status WriteNewFile(const std::string& path, absl::string_view bytes, int mode);
// The same, but takes the place of a file that is there. Errors: as StatusOfErrno.
absl::Status ReplaceFile(const std::string& path, absl::string_view bytes, int mode);

// Reads a file that holds a private key. Errors: NotFound; PermissionDenied if group or others have any right
// to it, or if it belongs to somebody else than this process's user and root; InvalidArgument past
// kMaxKeyFileBytes or if it is no regular file; otherwise as StatusOfErrno.
absl::StatusOr<std::string> ReadPrivateFile(const std::string& path);
// Reads a credential that systemd laid out. The same, but root's file may show the right of its group to
// read: where systemd lets the service's user in by an access list, the mode shows the list's mask there.
absl::StatusOr<std::string> ReadCredentialFile(const std::string& path);
// Reads a file that anybody may read. Errors: as ReadPrivateFile, with `max_bytes` as limit, whatever its
// mode.
absl::StatusOr<std::string> ReadPublicFile(const std::string& path, size_t max_bytes = kMaxKeyFileBytes);

}  // namespace consort

#endif  // CONSORT_COMMON_CRYPTO_KEY_FILE_H_
