// How wide a text is on a terminal, where a character is not a byte and not always one column.
#ifndef CONSORT_COMMON_TEXT_DISPLAY_WIDTH_H_
#define CONSORT_COMMON_TEXT_DISPLAY_WIDTH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace consort {

// Columns that `text` (UTF-8, escape sequences not counted) takes: two for wide East Asian characters.
int DisplayWidth(absl::string_view text);
// `text` filled with spaces, or cut with an ellipsis, to exactly `width` columns. No escape sequences.
std::string Fit(absl::string_view text, int width);

}  // namespace consort

#endif  // CONSORT_COMMON_TEXT_DISPLAY_WIDTH_H_
