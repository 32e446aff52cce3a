#include "common/trainer_client/artifact_sender.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace consort {
namespace {

// Fills `bytes` from `descriptor`. Returns false at an error or the end of the file.
bool ReadFully(int descriptor, std::string& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t got = read(descriptor, bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += got;
  }
  return true;
}

}  // namespace

absl::Status SendArtifact(absl::string_view name, const std::string& path,
                          const std::function<bool(v1::ArtifactPart)>& write) {
  if (path.empty()) return absl::OkStatus();
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("an artifact cannot be read: ", path));
  const absl::Cleanup close_file = [descriptor] { close(descriptor); };
  struct stat info;
  if (fstat(descriptor, &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("an artifact cannot be read: ", path));
  }
  const size_t total = static_cast<size_t>(info.st_size);
  size_t sent = 0;
  do {
    v1::ArtifactPart part;
    part.set_name(std::string(name));
    part.set_total_bytes(total);
    part.mutable_data()->resize(std::min(kArtifactPartBytes, total - sent));
    if (!ReadFully(descriptor, *part.mutable_data())) {
      return absl::DataLossError(absl::StrCat("an artifact became shorter while it was read: ", path));
    }
    sent += part.data().size();
    if (!write(std::move(part))) return absl::OkStatus();
  } while (sent < total);
  return absl::OkStatus();
}

}  // namespace consort
