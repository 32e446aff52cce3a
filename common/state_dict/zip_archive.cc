#include "common/state_dict/zip_archive.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/state_dict/little_endian.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr absl::string_view kLocalSignature("PK\x03\x04", 4);
constexpr absl::string_view kDirectorySignature("PK\x01\x02", 4);
constexpr absl::string_view kEndSignature("PK\x05\x06", 4);
constexpr absl::string_view kEnd64Signature("PK\x06\x06", 4);
constexpr absl::string_view kLocator64Signature("PK\x06\x07", 4);
constexpr size_t kLocalBytes = 30, kDirectoryBytes = 46, kEndBytes = 22, kEnd64Bytes = 56,
                 kLocator64Bytes = 20;
constexpr uint16_t kEncrypted = 1;
constexpr uint16_t kExtra64 = 1;  // id of the 64-bit sizes among the extra fields
constexpr uint32_t kIn64Bits = 0xFFFFFFFF;

absl::Status Damaged(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("artifact-damaged: not a ZIP file that can be read: ", what));
}

// IEEE 802.3's polynomial, bits reversed.
uint32_t Crc32(absl::string_view data) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0xEDB88320u : 0u);
      entries[i] = value;
    }
    return entries;
  }();
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : data) crc = (crc >> 8) ^ table[(crc ^ static_cast<uint8_t>(byte)) & 0xFF];
  return ~crc;
}

struct Directory {
  uint64_t entries = 0;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

// Where the directory lies. The end record is the file's last; a comment behind it is not taken, because a
// record inside of it would be a second reading of the same file.
absl::StatusOr<Directory> FindDirectory(absl::string_view file) {
  if (file.size() < kEndBytes) return Damaged("it is too short");
  uint64_t end = file.size() - kEndBytes;
  const absl::string_view record = file.substr(end);
  if (!absl::StartsWith(record, kEndSignature))
    return Damaged("it has no end record, or a comment behind it");
  if (ReadLittle<uint16_t>(record, 20) != 0) return Damaged("its end record promises a comment");
  Directory directory = {ReadLittle<uint16_t>(record, 10), ReadLittle<uint32_t>(record, 16),
                         ReadLittle<uint32_t>(record, 12)};
  const bool has_locator = end >= kLocator64Bytes + kEnd64Bytes &&
                           absl::StartsWith(file.substr(end - kLocator64Bytes), kLocator64Signature);
  if (has_locator) {
    end -= kLocator64Bytes;
    const uint64_t at = ReadLittle<uint64_t>(file, end + 8);
    if (at != end - kEnd64Bytes || !absl::StartsWith(file.substr(at), kEnd64Signature)) {
      return Damaged("its 64-bit end record is not where it should be");
    }
    end = at;
    directory = {ReadLittle<uint64_t>(file, at + 32), ReadLittle<uint64_t>(file, at + 48),
                 ReadLittle<uint64_t>(file, at + 40)};
  }
  if (directory.offset > end || directory.bytes != end - directory.offset) {
    return Damaged("its directory does not end where its end record begins");
  }
  if (directory.entries > kMaxZipEntries)
    return Damaged(absl::StrCat("more than ", kMaxZipEntries, " entries"));
  return directory;
}

absl::Status CheckName(absl::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  // A name of other characters is not repeated: it goes to a terminal.
  if (name.empty() || !plain) return Damaged("an entry's name is empty or not plain ASCII");
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  const bool leaves = std::find(parts.begin(), parts.end(), "..") != parts.end();
  if (leaves || parts[0].empty() || absl::StrContains(name, '\\') || absl::StrContains(name, ':')) {
    return Damaged(absl::StrCat("an entry's name leaves its folder: ", name));
  }
  return absl::OkStatus();
}

struct Extent {
  uint64_t bytes = 0;
  uint64_t offset = 0;  // of the local header
};

// Takes from the extra fields what the directory's 32 bits had no room for.
absl::Status Widen(absl::string_view extra, bool packed_too, bool bytes_too, bool offset_too,
                   Extent& extent) {
  while (extra.size() >= 4) {
    const uint16_t id = ReadLittle<uint16_t>(extra, 0), size = ReadLittle<uint16_t>(extra, 2);
    if (size > extra.size() - 4) break;
    absl::string_view field = extra.substr(4, size);
    extra.remove_prefix(4 + size);
    if (id != kExtra64) continue;
    if (field.size() < 8u * (packed_too + bytes_too + offset_too)) break;
    if (bytes_too) extent.bytes = ReadLittle<uint64_t>(field, 0);
    if (bytes_too) field.remove_prefix(8);
    if (packed_too && ReadLittle<uint64_t>(field, 0) != extent.bytes)
      return Damaged("an entry is compressed");
    if (packed_too) field.remove_prefix(8);
    if (offset_too) extent.offset = ReadLittle<uint64_t>(field, 0);
    return absl::OkStatus();
  }
  return Damaged("an entry's 64-bit sizes are missing");
}

struct Found {
  ZipEntry entry;
  uint64_t begin = 0;  // of the local header
  uint64_t end = 0;    // of the data
  uint32_t crc = 0;
};

absl::StatusOr<Found> ReadEntry(absl::string_view file, absl::string_view record, absl::string_view name,
                                absl::string_view extra, uint64_t directory_offset) {
  RETURN_IF_ERROR(CheckName(name));
  if (ReadLittle<uint16_t>(record, 8) & kEncrypted)
    return Damaged(absl::StrCat("an entry is encrypted: ", name));
  const uint32_t packed = ReadLittle<uint32_t>(record, 20);
  Extent extent = {ReadLittle<uint32_t>(record, 24), ReadLittle<uint32_t>(record, 42)};
  if (ReadLittle<uint16_t>(record, 10) != 0 || packed != extent.bytes) {
    return Damaged(absl::StrCat("an entry is compressed, but torch.save stores: ", name));
  }
  const bool wide_bytes = extent.bytes == kIn64Bits, wide_offset = extent.offset == kIn64Bits;
  if (wide_bytes || wide_offset) RETURN_IF_ERROR(Widen(extra, wide_bytes, wide_bytes, wide_offset, extent));

  if (extent.offset > directory_offset || directory_offset - extent.offset < kLocalBytes ||
      !absl::StartsWith(file.substr(extent.offset), kLocalSignature)) {
    return Damaged(absl::StrCat("an entry is not where the directory says: ", name));
  }
  const absl::string_view local = file.substr(extent.offset, directory_offset - extent.offset);
  const size_t name_bytes = ReadLittle<uint16_t>(local, 26), extra_bytes = ReadLittle<uint16_t>(local, 28);
  const uint64_t before = kLocalBytes + name_bytes + extra_bytes;
  if (before > local.size() || extent.bytes > local.size() - before) {
    return Damaged(absl::StrCat("an entry leaves the file: ", name));
  }
  if (local.substr(kLocalBytes, name_bytes) != name) {
    return Damaged(absl::StrCat("an entry has another name in the directory: ", name));
  }
  const absl::string_view data = local.substr(before, extent.bytes);
  return Found{{std::string(name), data},
               extent.offset,
               extent.offset + before + extent.bytes,
               ReadLittle<uint32_t>(record, 16)};
}

absl::Status CheckApart(std::vector<Found>& found) {
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.begin < b.begin; });
  std::set<absl::string_view> names;
  for (size_t i = 0; i < found.size(); ++i) {
    if (i > 0 && found[i].begin < found[i - 1].end) {
      return Damaged(absl::StrCat("an entry overlaps another: ", found[i].entry.name));
    }
    if (!names.insert(found[i].entry.name).second) {
      return Damaged(absl::StrCat("an entry's name is used twice: ", found[i].entry.name));
    }
  }
  return absl::OkStatus();
}

// Once the entries are known to lie apart, so that no byte is read twice.
absl::Status CheckSums(const std::vector<Found>& found) {
  for (const Found& one : found) {
    if (Crc32(one.entry.data) != one.crc) {
      return Damaged(absl::StrCat("an entry fails its checksum: ", one.entry.name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool LooksLikeZip(absl::string_view file) { return absl::StartsWith(file, kLocalSignature); }

absl::StatusOr<std::vector<ZipEntry>> ReadStoredZip(absl::string_view file) {
  ASSIGN_OR_RETURN(const Directory directory, FindDirectory(file));
  absl::string_view rest = file.substr(directory.offset, directory.bytes);
  std::vector<Found> found;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    if (rest.size() < kDirectoryBytes || !absl::StartsWith(rest, kDirectorySignature)) {
      return Damaged("its directory ends early");
    }
    const size_t name_bytes = ReadLittle<uint16_t>(rest, 28), extra_bytes = ReadLittle<uint16_t>(rest, 30);
    const size_t bytes = kDirectoryBytes + name_bytes + extra_bytes + ReadLittle<uint16_t>(rest, 32);
    if (bytes > rest.size()) return Damaged("its directory ends early");
    ASSIGN_OR_RETURN(Found next,
                     ReadEntry(file, rest, rest.substr(kDirectoryBytes, name_bytes),
                               rest.substr(kDirectoryBytes + name_bytes, extra_bytes), directory.offset));
    found.push_back(std::move(next));
    rest.remove_prefix(bytes);
  }
  if (!rest.empty()) return Damaged("its directory has more entries than its end record says");
  RETURN_IF_ERROR(CheckApart(found));
  RETURN_IF_ERROR(CheckSums(found));
  std::vector<ZipEntry> entries;
  for (Found& one : found) entries.push_back(std::move(one.entry));
  return entries;
}

}  // namespace consort
