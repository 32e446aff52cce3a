// Reads the header of a safetensors file on disk.
#ifndef CONSORT_COMMON_ARTIFACT_SAFETENSORS_FILE_H_
#define CONSORT_COMMON_ARTIFACT_SAFETENSORS_FILE_H_

#include "absl/status/statusor.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/safetensors.h"

namespace consort {

// Errors: those of SafetensorsHeader::Parse; as StatusOfErrno.
absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(const FileDescriptor& file);

}  // namespace consort

#endif  // CONSORT_COMMON_ARTIFACT_SAFETENSORS_FILE_H_
