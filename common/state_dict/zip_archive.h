// Reads the ZIP files that torch.save writes: entries stored, not compressed.
#ifndef CONSORT_COMMON_STATE_DICT_ZIP_ARCHIVE_H_
#define CONSORT_COMMON_STATE_DICT_ZIP_ARCHIVE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

struct ZipEntry {
  std::string name;
  absl::string_view data;  // into the file
};

inline constexpr size_t kMaxZipEntries = 1 << 16;

// Whether `file` begins like a ZIP file with an entry.
bool LooksLikeZip(absl::string_view file);

// Reads the central directory (APPNOTE.TXT 6.3 of PKWARE, sections 4.3 and 4.5.3; with or without its 64-bit
// forms) of one file in one piece. `file` must outlive the entries.
// Errors: InvalidArgument "artifact-damaged: ..." for a directory that does not fit the file, a compressed or
// encrypted entry, a name that is absolute, leaves its folder, is used twice or is not plain ASCII, entries
// that overlap, a local header of another name, and bytes that fail their CRC-32.
absl::StatusOr<std::vector<ZipEntry>> ReadStoredZip(absl::string_view file);

}  // namespace consort

#endif  // CONSORT_COMMON_STATE_DICT_ZIP_ARCHIVE_H_
