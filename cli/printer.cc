#include "cli/printer.h"

#include <ostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/text/text_table.h"

namespace consort::cli {
namespace {

std::string CellText(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    return text.empty() ? "-" : text;
  }
  if (value.is_number_float()) return absl::StrFormat("%.5g", value.get<double>());
  if (!value.is_array()) return value.dump();
  if (value.empty()) return "-";
  if (value.front().is_object()) return absl::StrCat(value.size());
  std::string out;
  for (const Json& item : value) absl::StrAppend(&out, out.empty() ? "" : ",", CellText(item));
  return out;
}

std::string Title(absl::string_view column) {
  return absl::AsciiStrToUpper(absl::StrReplaceAll(column, {{"_", " "}}));
}

void Flatten(const Json& object, const std::string& prefix, std::vector<std::vector<std::string>>& out) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_object()) {
      Flatten(value, prefix + name + ".", out);
    } else {
      out.push_back({prefix + name, CellText(value)});
    }
  }
}

constexpr auto kReplaceBadUtf8 = Json::error_handler_t::replace;

}  // namespace

void Printer::List(const std::vector<std::string>& columns, const Json& rows) const {
  if (format_ == Format::kJson) {
    data_ << rows.dump(2, ' ', false, kReplaceBadUtf8) << "\n";
    return;
  }
  std::vector<std::vector<std::string>> table(1);
  for (const std::string& column : columns) table[0].push_back(Title(column));
  for (const Json& row : rows) {
    std::vector<std::string>& cells = table.emplace_back();
    for (const std::string& column : columns) {
      cells.push_back(row.contains(column) ? CellText(row.at(column)) : "-");
    }
  }
  data_ << FormatTable(std::move(table));
}

void Printer::Record(const Json& record) const {
  if (format_ == Format::kJson) {
    data_ << record.dump(2, ' ', false, kReplaceBadUtf8) << "\n";
    return;
  }
  std::vector<std::vector<std::string>> lines;
  Flatten(record, "", lines);
  data_ << FormatTable(std::move(lines));
}

void Printer::Raw(absl::string_view bytes) const {
  data_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void Printer::Note(absl::string_view text, Colour colour) const {
  messages_ << terminal_.Paint(Printable(std::string(text)), colour) << "\n" << std::flush;
}

}  // namespace consort::cli
