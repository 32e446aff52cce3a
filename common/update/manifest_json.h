// The JSON of a manifest, read and written. Internal to common/update: Manifest checks what is read here.
#ifndef CONSORT_COMMON_UPDATE_MANIFEST_JSON_H_
#define CONSORT_COMMON_UPDATE_MANIFEST_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/update/manifest.h"

namespace consort {

struct ManifestJson {
  std::vector<Segment> segments;
  Manifest::Terms terms;
};

// RFC 8785 of docs/formats/update.md. Errors: InvalidArgument for a name that is not UTF-8.
absl::StatusOr<std::string> WriteManifestJson(const std::vector<Segment>& segments,
                                              const Manifest::Terms& terms);

// Reads any spelling and ignores unknown members; the caller compares with the canonical one.
// Errors: InvalidArgument naming the member that is missing or of another type.
absl::StatusOr<ManifestJson> ReadManifestJson(absl::string_view json);

}  // namespace consort

#endif  // CONSORT_COMMON_UPDATE_MANIFEST_JSON_H_
