// The report's one style sheet, for screen and paper.
#ifndef CONSORT_COMMON_EXPLAIN_REPORT_STYLE_H_
#define CONSORT_COMMON_EXPLAIN_REPORT_STYLE_H_

#include "absl/strings/string_view.h"

namespace consort::explain {

// CSS for inside a <style> element. Switches the language by two radio buttons, without script.
absl::string_view ReportStyle();

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_REPORT_STYLE_H_
