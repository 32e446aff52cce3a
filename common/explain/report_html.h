// The few HTML elements that every section of the report is made of.
#ifndef CONSORT_COMMON_EXPLAIN_REPORT_HTML_H_
#define CONSORT_COMMON_EXPLAIN_REPORT_HTML_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/explain/report_text.h"

namespace consort::explain {

// `id`: in the message catalogue.
inline std::string Heading(const ReportText& text, absl::string_view id) {
  return absl::StrCat("<h2>", text(id), "</h2>");
}
// `html` is already HTML; `css`: its class, may be empty.
inline std::string Paragraph(absl::string_view html, absl::string_view css = "") {
  return css.empty() ? absl::StrCat("<p>", html, "</p>")
                     : absl::StrCat("<p class=\"", css, "\">", html, "</p>");
}
// Escapes `plain`.
inline std::string Code(absl::string_view plain) {
  return absl::StrCat("<code>", EscapeHtml(plain), "</code>");
}

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_REPORT_HTML_H_
