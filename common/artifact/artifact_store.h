// Content-addressed files: immutable, named by their SHA-256, written resumably.
#ifndef CONSORT_COMMON_ARTIFACT_ARTIFACT_STORE_H_
#define CONSORT_COMMON_ARTIFACT_ARTIFACT_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/digest.h"

namespace consort {

// Appends to a file whose length is the resume point, hashing as it goes. Used for artifacts on their way in
// and for the spools of updates. Not thread-safe; one writer per file.
class SpoolWriter {
 public:
  // Opens or continues `path`; what is there already is hashed once. `total_bytes`: of the finished file.
  // Errors: InvalidArgument if the file is already longer; Unavailable while another writer has it;
  // ResourceExhausted for no space; PermissionDenied; Internal.
  static absl::StatusOr<std::unique_ptr<SpoolWriter>> Open(const std::string& path, uint64_t total_bytes);
  ~SpoolWriter();

  const std::string& path() const;
  uint64_t committed_bytes() const;  // in the file; durable after Finish
  // Errors: OutOfRange unless `offset` equals committed_bytes(); InvalidArgument past total_bytes;
  // ResourceExhausted for a full disk (what was committed stays); Internal.
  absl::Status Append(uint64_t offset, absl::string_view bytes);
  // Checks the digest and syncs the file and its folder. Errors: FailedPrecondition if bytes are missing;
  // DataLoss if the digest differs (the file is removed); Internal if a sync fails.
  absl::Status Finish(const std::string& digest_hex);

 private:
  struct State;
  explicit SpoolWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Layout: `directory`/<digest> for finished artifacts, `directory`/partial/<digest> for those on their way
// in. A name appears only by renaming a synced file, so a kill at any moment leaves whole artifacts and
// resumable partials. Thread-safe: different threads may read and write different artifacts at once.
class ArtifactStore {
 public:
  // Creates `directory` if missing. Errors: Internal, PermissionDenied.
  static absl::StatusOr<std::unique_ptr<ArtifactStore>> Open(const std::string& directory);

  // Errors: NotFound. The path is for reading only.
  absl::StatusOr<std::string> PathOf(absl::string_view digest_hex) const;
  bool Contains(absl::string_view digest_hex) const;
  absl::StatusOr<uint64_t> SizeOf(absl::string_view digest_hex) const;
  // The whole artifact, checked against its digest. Errors: NotFound; DataLoss.
  absl::StatusOr<std::string> ReadAll(absl::string_view digest_hex) const;

  // Stores bytes; the same bytes twice are one artifact. Returns the digest. Errors: ResourceExhausted,
  // Internal.
  absl::StatusOr<std::string> Put(absl::string_view bytes);

  // Resumable write of an artifact: where to continue, then a writer on its partial file, then Adopt.
  uint64_t PartialBytes(absl::string_view digest_hex) const;
  absl::StatusOr<std::unique_ptr<SpoolWriter>> OpenPartial(absl::string_view digest_hex,
                                                           uint64_t total_bytes);
  // Finishes a partial write: digest checked, synced, renamed into place. Errors: those of
  // SpoolWriter::Finish; InvalidArgument for a writer of another artifact.
  absl::Status Adopt(std::unique_ptr<SpoolWriter> writer, absl::string_view digest_hex);
  // Syncs a finished file of the same file system and moves it in under `digest_hex`, which must be that of
  // what it holds. Errors: NotFound; ResourceExhausted; Internal; the file then stays where it is.
  absl::Status AdoptFile(const std::string& path, absl::string_view digest_hex);

  std::vector<std::string> List() const;  // digests of finished artifacts, sorted
  uint64_t TotalBytes() const;            // of finished artifacts
  // Errors: NotFound; Internal.
  absl::Status Remove(absl::string_view digest_hex);

 private:
  explicit ArtifactStore(std::string directory) : directory_(std::move(directory)) {}
  std::string NameOf(absl::string_view digest_hex) const;
  std::string PartialNameOf(absl::string_view digest_hex) const;
  std::string directory_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_ARTIFACT_ARTIFACT_STORE_H_
