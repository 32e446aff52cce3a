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
