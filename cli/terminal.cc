#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace consort::cli {
namespace {

constexpr int kDefaultWidth = 80;

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

Terminal Terminal::Of(int file_descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = kind == nullptr || absl::string_view(kind) == "dumb";
  const bool is_terminal = isatty(file_descriptor) != 0 && !dumb;
  struct winsize size = {};
  const bool known = is_terminal && ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return Terminal(is_terminal, is_terminal && (no_colour == nullptr || *no_colour == '\0'),
                  known ? size.ws_col : kDefaultWidth);
}

std::string Terminal::Paint(absl::string_view text, Colour colour) const {
  if (!has_colour_ || colour == Colour::kNone) return std::string(text);
  const char* code = colour == Colour::kGreen ? "32"
                     : colour == Colour::kRed ? "31"
                     : colour == Colour::kDim ? "2"
                                              : "1";
  return absl::StrCat("\033[", code, "m", text, "\033[0m");
}

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

std::string Bar(double share, int width) {
  const double bounded = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
  const int filled = static_cast<int>(std::floor(bounded * width + 0.5));
  std::string out;
  for (int i = 0; i < width; ++i) out += i < filled ? "█" : "░";
  return out;
}

void LiveBlock::Draw(const std::vector<std::string>& lines) {
  if (!terminal_.is_terminal()) return;
  std::string out;
  if (drawn_ > 0) absl::StrAppend(&out, "\033[", drawn_, "A\r\033[J");
  for (const std::string& line : lines) absl::StrAppend(&out, line, "\n");
  std::fwrite(out.data(), 1, out.size(), stderr);
  std::fflush(stderr);
  drawn_ = lines.size();
}

}  // namespace consort::cli
