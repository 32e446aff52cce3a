// Spells ZIP files by hand, right and wrong (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16).
#ifndef CONSORT_TESTS_COMMON_STATE_DICT_ZIP_FILE_H_
#define CONSORT_TESTS_COMMON_STATE_DICT_ZIP_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace consort::testing {

inline std::string Little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(i < 8 ? static_cast<char>(value >> (8 * i)) : '\0');
  return text;
}

// Bit by bit, polynomial 0xEDB88320.
inline uint32_t SlowCrc32(absl::string_view data) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : data) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return ~crc;
}

struct ZipPart {
  std::string name;
  std::string data;
  uint16_t flags = 0;
  uint16_t method = 0;     // 0: stored, 8: deflated
  int64_t offset = -1;     // of its local header; -1: where it is
  int64_t bytes = -1;      // -1: as many as there are
  std::string local_name;  // empty: the same
  uint32_t crc_error = 0;
};

inline std::string ZipFile(const std::vector<ZipPart>& parts) {
  std::string file, directory;
  for (const ZipPart& part : parts) {
    const uint64_t offset = part.offset >= 0 ? part.offset : file.size();
    const uint64_t bytes = part.bytes >= 0 ? part.bytes : part.data.size();
    const std::string& local_name = part.local_name.empty() ? part.name : part.local_name;
    const std::string terms =
        absl::StrCat(Little(part.flags, 2), Little(part.method, 2), Little(0, 4),
                     Little(SlowCrc32(part.data) ^ part.crc_error, 4), Little(bytes, 4), Little(bytes, 4));
    absl::StrAppend(&file, "PK\x03\x04", Little(20, 2), terms, Little(local_name.size(), 2), Little(0, 2),
                    local_name, part.data);
    absl::StrAppend(&directory, "PK\x01\x02", Little(20, 2), Little(20, 2), terms,
                    Little(part.name.size(), 2), Little(0, 12), Little(offset, 4), part.name);
  }
  const std::string end =
      absl::StrCat("PK\x05\x06", Little(0, 4), Little(parts.size(), 2), Little(parts.size(), 2),
                   Little(directory.size(), 4), Little(file.size(), 4), Little(0, 2));
  return absl::StrCat(file, directory, end);
}

}  // namespace consort::testing

#endif  // CONSORT_TESTS_COMMON_STATE_DICT_ZIP_FILE_H_
