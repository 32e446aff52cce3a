// A plain HTML table, row by row.
#ifndef CONSORT_COMMON_EXPLAIN_REPORT_TABLE_H_
#define CONSORT_COMMON_EXPLAIN_REPORT_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace consort::explain {

// Cells are HTML that the caller has escaped. Not thread-safe.
class ReportTable {
 public:
  struct Column {
    std::string title;    // repeated in each cell, for screens too narrow for a row
    bool number = false;  // aligned right
  };

  explicit ReportTable(std::vector<Column> columns) : columns_(std::move(columns)) {
    html_ = "<div class=\"wide\"><table><thead><tr>";
    for (const Column& column : columns_) absl::StrAppend(&html_, Open("th", column), column.title, "</th>");
    html_ += "</tr></thead><tbody>";
  }

  // `cells`: one a column. `css`: class of the row; may be empty.
  void AddRow(const std::vector<std::string>& cells, absl::string_view css = "") {
    absl::StrAppend(&html_, css.empty() ? "<tr>" : absl::StrCat("<tr class=\"", css, "\">"));
    for (size_t i = 0; i < columns_.size(); ++i) {
      absl::StrAppend(&html_, Open(absl::StrCat("td data-title=\"", columns_[i].title, "\""), columns_[i]),
                      cells[i], "</td>");
    }
    html_ += "</tr>";
  }

  std::string Finish() && { return absl::StrCat(html_, "</tbody></table></div>"); }

 private:
  static std::string Open(absl::string_view tag, const Column& column) {
    return absl::StrCat("<", tag, column.number ? " class=\"number\">" : ">");
  }

  std::vector<Column> columns_;
  std::string html_;
};

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_REPORT_TABLE_H_
