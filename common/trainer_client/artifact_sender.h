// Streams a file to the trainer in parts of at most 1 MiB.
#ifndef CONSORT_COMMON_TRAINER_CLIENT_ARTIFACT_SENDER_H_
#define CONSORT_COMMON_TRAINER_CLIENT_ARTIFACT_SENDER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "consort/v1/trainer.pb.h"

namespace consort {

inline constexpr size_t kArtifactPartBytes = 1 << 20;  // trainer.proto's limit

// Reads the file at `path` and gives `write` one part after the other, all called `name`; an empty `path` is
// no artifact and an empty file one empty part. Stops early, with OK, when `write` returns false: the stream
// is broken and will say why. Errors: NotFound, PermissionDenied and others for the file; DataLoss when it
// changes while being read.
absl::Status SendArtifact(absl::string_view name, const std::string& path,
                          const std::function<bool(v1::ArtifactPart)>& write);

}  // namespace consort

#endif  // CONSORT_COMMON_TRAINER_CLIENT_ARTIFACT_SENDER_H_
