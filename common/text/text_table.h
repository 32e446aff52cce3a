// Tables for people, as the programs' commands print them.
#ifndef CONSORT_COMMON_TEXT_TEXT_TABLE_H_
#define CONSORT_COMMON_TEXT_TEXT_TABLE_H_

#include <string>
#include <vector>

namespace consort {

// Names and reasons come from other machines: returns `text` with a question mark for each control character,
// so that none of theirs reaches the terminal.
std::string Printable(std::string text);

// Columns as wide as their widest cell, two spaces apart, a line a row; the last cell of a row is not filled
// up. Cells are made printable.
std::string FormatTable(std::vector<std::vector<std::string>> rows);

}  // namespace consort

#endif  // CONSORT_COMMON_TEXT_TEXT_TABLE_H_
