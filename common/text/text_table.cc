#include "common/text/text_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/text/display_width.h"

namespace consort {

std::string Printable(std::string text) {
  for (char& byte : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(byte))) byte = '?';
  }
  return text;
}

std::string FormatTable(std::vector<std::vector<std::string>> rows) {
  std::vector<int> widths;
  for (std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = Printable(std::move(row[i]));
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&text, i + 1 == row.size() ? row[i] : Fit(row[i], widths[i] + 2));
    }
    text += "\n";
  }
  return text;
}

}  // namespace consort
