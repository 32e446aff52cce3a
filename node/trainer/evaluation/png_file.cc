#include "node/trainer/evaluation/png_file.h"

#include <zlib.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

void AppendBigEndian(std::string& bytes, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
}

// Length, type, data, and the checksum of type and data (section 5.3).
void AppendChunk(std::string& file, absl::string_view type, absl::string_view data) {
  AppendBigEndian(file, static_cast<uint32_t>(data.size()));
  const std::string checked = absl::StrCat(type, data);
  file += checked;
  const auto* bytes = reinterpret_cast<const Bytef*>(checked.data());
  AppendBigEndian(file, static_cast<uint32_t>(crc32(0, bytes, static_cast<uInt>(checked.size()))));
}

std::string Header(const Picture& picture) {
  constexpr char kBitDepth = 8, kIndexed = 3, kDeflate = 0, kAdaptive = 0, kNotInterlaced = 0;
  std::string header;
  AppendBigEndian(header, picture.width);
  AppendBigEndian(header, picture.height);
  for (const char field : {kBitDepth, kIndexed, kDeflate, kAdaptive, kNotInterlaced}) header.push_back(field);
  return header;
}

absl::StatusOr<std::string> CompressedRows(const Picture& picture) {
  constexpr char kUnfiltered = 0;
  std::string rows;
  for (int y = 0; y < picture.height; ++y) {
    rows.push_back(kUnfiltered);
    rows.append(reinterpret_cast<const char*>(&picture.pixels[y * picture.width]), picture.width);
  }
  uLongf size = compressBound(rows.size());
  std::string compressed(size, '\0');
  const int result = compress2(reinterpret_cast<Bytef*>(compressed.data()), &size,
                               reinterpret_cast<const Bytef*>(rows.data()), rows.size(), Z_BEST_COMPRESSION);
  if (result != Z_OK) return absl::InternalError(absl::StrCat("a picture cannot be compressed: ", result));
  compressed.resize(size);
  return compressed;
}

}  // namespace

absl::StatusOr<std::string> PngBytes(const Picture& picture) {
  std::string palette;
  for (const Colour& colour : picture.palette) palette.append(colour.begin(), colour.end());
  ASSIGN_OR_RETURN(const std::string rows, CompressedRows(picture));
  std::string file = "\x89PNG\r\n\x1a\n";
  AppendChunk(file, "IHDR", Header(picture));
  AppendChunk(file, "PLTE", palette);
  AppendChunk(file, "IDAT", rows);
  AppendChunk(file, "IEND", "");
  return file;
}

}  // namespace consort::trainer
