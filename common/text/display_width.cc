#include "common/text/display_width.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace consort {
namespace {

// Length in bytes of the character that starts with `lead`; 1 for a stray byte.
size_t CharacterBytes(unsigned char lead) {
  if (lead >= 0xF0) return 4;
  if (lead >= 0xE0) return 3;
  return lead >= 0xC0 ? 2 : 1;
}

// East Asian wide blocks as far as names and messages need them: CJK, kana, hangul, full-width forms.
bool IsWide(absl::string_view character) {
  if (character.size() < 3) return false;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(character[i]) & 0x3F; };
  const int code = character.size() == 3
                       ? ((static_cast<unsigned char>(character[0]) & 0x0F) << 12) | (byte(1) << 6) | byte(2)
                       : 0x20000;  // beyond the basic plane: ideographs and pictures
  return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
         (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
         (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) || code >= 0x20000;
}

}  // namespace

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) {
    if (text[0] == '\033') {
      const size_t end = text.find('m');
      text.remove_prefix(end == absl::string_view::npos ? text.size() : end + 1);
      continue;
    }
    const size_t bytes = std::min(CharacterBytes(text[0]), text.size());
    width += IsWide(text.substr(0, bytes)) ? 2 : 1;
    text.remove_prefix(bytes);
  }
  return width;
}

std::string Fit(absl::string_view text, int width) {
  const bool cut = DisplayWidth(text) > width;
  const int room = cut ? width - 1 : width;
  std::string out;
  int used = 0;
  while (!text.empty()) {
    const size_t bytes = std::min(CharacterBytes(text[0]), text.size());
    const int columns = IsWide(text.substr(0, bytes)) ? 2 : 1;
    if (used + columns > room) break;
    absl::StrAppend(&out, text.substr(0, bytes));
    used += columns;
    text.remove_prefix(bytes);
  }
  if (cut && width > 0) {
    out += "…";
    ++used;
  }
  out.append(std::max(0, width - used), ' ');
  return out;
}

}  // namespace consort
