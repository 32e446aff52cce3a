#include "common/ledger/export_layout.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/key_file.h"
#include "common/ledger/tile_builder.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr size_t kMaxKeyListBytes = 1 << 20;  // some 10,000 keys

// The entries of a bundle; empty if its lengths do not fit its size.
std::vector<absl::string_view> SplitBundle(absl::string_view bundle) {
  std::vector<absl::string_view> entries;
  while (bundle.size() >= 2) {
    const size_t length = static_cast<uint8_t>(bundle[0]) << 8 | static_cast<uint8_t>(bundle[1]);
    if (bundle.size() - 2 < length) return {};
    entries.push_back(bundle.substr(2, length));
    bundle.remove_prefix(2 + length);
  }
  if (!bundle.empty()) return {};
  return entries;
}

// A tile of `width`, or the full one: a log that has grown may have dropped its partial tiles.
absl::StatusOr<std::pair<std::string, int>> ReadBundle(const std::string& directory, uint64_t n, int width) {
  for (const int wanted : {width, kTileWidth}) {
    auto bytes = ReadPublicFile(absl::StrCat(directory, "/", TilePath("entries", n, wanted)), kMaxTileBytes);
    if (bytes.ok()) return std::make_pair(*std::move(bytes), wanted);
    if (!absl::IsNotFound(bytes.status())) return bytes.status();
  }
  return absl::NotFoundError(absl::StrCat("bundle of entries is missing: ", TilePath("entries", n, width),
                                          " (first leaf ", n * kTileWidth, ")"));
}

// Reads "067" and "x001" parts; a path that TilePath would spell otherwise is no tile.
bool ParseTilePath(const std::string& path, std::string& level, uint64_t& n, int& width) {
  std::vector<std::string> parts = absl::StrSplit(path, '/');
  if (parts.size() < 3 || parts[0] != "tile") return false;
  width = kTileWidth;
  if (absl::EndsWith(parts[parts.size() - 2], ".p")) {
    if (!absl::SimpleAtoi(parts.back(), &width) || width < 1 || width >= kTileWidth) return false;
    parts.pop_back();
    parts.back().resize(parts.back().size() - 2);
  }
  level = parts[1];
  n = 0;
  for (size_t i = 2; i < parts.size(); ++i) {
    uint64_t digits = 0;
    if (i > 6 || !absl::SimpleAtoi(absl::StripPrefix(parts[i], "x"), &digits) || digits > 999) return false;
    n = n * 1000 + digits;
  }
  return TilePath(level, n, width) == path;
}

}  // namespace

absl::StatusOr<std::vector<VerifierKey>> ParseVerifierKeys(const std::vector<std::string>& lines) {
  std::vector<VerifierKey> keys;
  for (const std::string& line : lines) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (text.empty() || text[0] == '#') continue;
    ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Parse(text));
    keys.push_back(std::move(key));
  }
  return keys;
}

absl::StatusOr<std::vector<VerifierKey>> ReadVerifierKeys(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path, kMaxKeyListBytes));
  return ParseVerifierKeys(absl::StrSplit(text, '\n'));
}

absl::StatusOr<TileFiles> ListTiles(const std::string& directory) {
  namespace fs = std::filesystem;
  TileFiles files;
  std::error_code error;
  const fs::path root(directory);
  if (!fs::exists(root / "tile", error)) return files;
  for (auto at = fs::recursive_directory_iterator(root / "tile", error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::string level;
    uint64_t n = 0;
    int width = 0;
    const std::string path = at->path().string().substr(directory.size() + 1);
    if (ParseTilePath(path, level, n, width) && at->is_regular_file(error)) files[{level, n}].insert(width);
  }
  if (error)
    return absl::InternalError(absl::StrCat("cannot list the tiles: ", error.message(), ": ", directory));
  return files;
}

absl::StatusOr<EntryBundle> ReadEntryBundle(const std::string& directory, uint64_t n, uint64_t size) {
  const uint64_t first = n * kTileWidth;
  const int width = static_cast<int>(std::min<uint64_t>(kTileWidth, size - first));
  ASSIGN_OR_RETURN(auto file, ReadBundle(directory, n, width));
  EntryBundle bundle;
  bundle.bytes = std::make_unique<const std::string>(std::move(file.first));
  bundle.entries = SplitBundle(*bundle.bytes);
  if (bundle.entries.size() != static_cast<size_t>(file.second)) {
    return absl::DataLossError(
        absl::StrCat("bundle of entries is damaged: it holds ", bundle.entries.size(), " entries, expected ",
                     file.second, ": ", TilePath("entries", n, file.second), " (first leaf ", first, ")"));
  }
  bundle.entries.resize(width);
  return bundle;
}

absl::Status ReadEntryBundles(
    const std::string& directory, uint64_t size,
    const std::function<absl::Status(uint64_t index, absl::string_view envelope)>& take) {
  for (uint64_t first = 0; first < size; first += kTileWidth) {
    ASSIGN_OR_RETURN(const EntryBundle bundle, ReadEntryBundle(directory, first / kTileWidth, size));
    for (size_t i = 0; i < bundle.entries.size(); ++i) RETURN_IF_ERROR(take(first + i, bundle.entries[i]));
  }
  return absl::OkStatus();
}

}  // namespace consort::ledger
