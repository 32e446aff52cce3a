#include "common/artifact/artifact_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/file_digest.h"
#include "common/crypto/random.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr char kPartialFolder[] = "partial";
constexpr char kPutPrefix[] = "put-";  // names of Put's own temporary files, which nobody resumes

// Digests come from other machines and become file names: only 64 hex digits may.
bool IsDigest(absl::string_view text) { return DigestFromHex(text).ok(); }

absl::Status NoSuchArtifact(absl::string_view digest_hex) {
  return absl::NotFoundError(
      absl::StrCat("no artifact has this digest; fetch or put it first: ", digest_hex));
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("cannot create the folder ", path));
  return absl::OkStatus();
}

void RemoveLeftOverPuts(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (absl::StartsWith(entry.path().filename().string(), kPutPrefix)) unlink(entry.path().c_str());
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactStore>> ArtifactStore::Open(const std::string& directory) {
  const std::string partial = absl::StrCat(directory, "/", kPartialFolder);
  RETURN_IF_ERROR(MakeFolder(partial));
  if (access(partial.c_str(), W_OK | X_OK) != 0)
    return StatusOfErrno(errno, absl::StrCat("cannot write to ", partial));
  RemoveLeftOverPuts(partial);
  RETURN_IF_ERROR(SyncDirectory(directory));
  return std::unique_ptr<ArtifactStore>(new ArtifactStore(directory));
}

std::string ArtifactStore::NameOf(absl::string_view digest_hex) const {
  return absl::StrCat(directory_, "/", digest_hex);
}

std::string ArtifactStore::PartialNameOf(absl::string_view digest_hex) const {
  return absl::StrCat(directory_, "/", kPartialFolder, "/", digest_hex);
}

absl::StatusOr<std::string> ArtifactStore::PathOf(absl::string_view digest_hex) const {
  if (!Contains(digest_hex)) return NoSuchArtifact(digest_hex);
  return NameOf(digest_hex);
}

bool ArtifactStore::Contains(absl::string_view digest_hex) const {
  return IsDigest(digest_hex) && access(NameOf(digest_hex).c_str(), F_OK) == 0;
}

absl::StatusOr<uint64_t> ArtifactStore::SizeOf(absl::string_view digest_hex) const {
  ASSIGN_OR_RETURN(const std::string path, PathOf(digest_hex));
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  return SizeOfFile(file);
}

absl::StatusOr<std::string> ArtifactStore::ReadAll(absl::string_view digest_hex) const {
  ASSIGN_OR_RETURN(const std::string path, PathOf(digest_hex));
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t size, SizeOfFile(file));
  std::string bytes(size, '\0');
  ASSIGN_OR_RETURN(const size_t got, ReadAt(file, 0, bytes.data(), bytes.size()));
  bytes.resize(got);
  if (Sha256Hex(bytes) != digest_hex) {
    return absl::DataLossError(
        absl::StrCat("an artifact's stored bytes do not give its digest; fetch it again: ", digest_hex));
  }
  return bytes;
}

absl::StatusOr<std::string> ArtifactStore::Put(absl::string_view bytes) {
  const std::string digest = Sha256Hex(bytes);
  if (Contains(digest)) return digest;
  const std::string temporary = PartialNameOf(absl::StrCat(kPutPrefix, RandomId()));
  absl::Status status = WriteSyncedFile(temporary, bytes);
  if (status.ok()) status = RenameDurably(temporary, NameOf(digest));
  if (status.ok()) return digest;
  unlink(temporary.c_str());
  return status;
}

uint64_t ArtifactStore::PartialBytes(absl::string_view digest_hex) const {
  struct stat status;
  if (!IsDigest(digest_hex) || stat(PartialNameOf(digest_hex).c_str(), &status) != 0) return 0;
  return static_cast<uint64_t>(status.st_size);
}

absl::StatusOr<std::unique_ptr<SpoolWriter>> ArtifactStore::OpenPartial(absl::string_view digest_hex,
                                                                        uint64_t total_bytes) {
  if (!IsDigest(digest_hex))
    return absl::InvalidArgumentError("an artifact is named by 64 lower-case hex digits");
  return SpoolWriter::Open(PartialNameOf(digest_hex), total_bytes);
}

absl::Status ArtifactStore::Adopt(std::unique_ptr<SpoolWriter> writer, absl::string_view digest_hex) {
  if (!IsDigest(digest_hex) || writer->path() != PartialNameOf(digest_hex)) {
    return absl::InvalidArgumentError("a partial file was written for another artifact");
  }
  RETURN_IF_ERROR(writer->Finish(std::string(digest_hex)));
  return RenameDurably(writer->path(), NameOf(digest_hex));
}

absl::Status ArtifactStore::AdoptFile(const std::string& path, absl::string_view digest_hex) {
  RETURN_IF_ERROR(SyncFile(path));
  return RenameDurably(path, NameOf(digest_hex));
}

std::vector<std::string> ArtifactStore::List() const {
  std::vector<std::string> digests;
  std::error_code error;  // an unreadable folder lists as empty; the next read or write names the fault
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    std::string name = entry.path().filename().string();
    if (IsDigest(name)) digests.push_back(std::move(name));
  }
  std::sort(digests.begin(), digests.end());
  return digests;
}

uint64_t ArtifactStore::TotalBytes() const {
  uint64_t total = 0;
  for (const std::string& digest : List()) total += SizeOf(digest).value_or(0);
  return total;
}

absl::Status ArtifactStore::Remove(absl::string_view digest_hex) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(digest_hex));
  // Not synced: an artifact that a power cut brings back is whole, and is removed again like any other.
  if (unlink(path.c_str()) != 0) return StatusOfErrno(errno, "cannot remove an artifact");
  return absl::OkStatus();
}

}  // namespace consort
