// Hashes the bytes of a file in bounded memory.
#ifndef CONSORT_COMMON_ARTIFACT_FILE_DIGEST_H_
#define CONSORT_COMMON_ARTIFACT_FILE_DIGEST_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/digest.h"

namespace consort {

// Adds the bytes [begin, end) of `file` to `hash`. Errors: DataLoss if the file ends before `end`; as
// StatusOfErrno.
absl::Status HashRange(const FileDescriptor& file, uint64_t begin, uint64_t end, Sha256& hash);

// SHA-256 of a whole file, hex. Errors: as StatusOfErrno.
absl::StatusOr<std::string> DigestOfFile(const std::string& path);

}  // namespace consort

#endif  // CONSORT_COMMON_ARTIFACT_FILE_DIGEST_H_
