#include "common/explain/report_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace consort::explain {

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string ReportText::operator()(absl::string_view id, const MessageParameters& parameters) const {
  return EscapeHtml(Message(id, language_, parameters));
}

std::string ReportText::Word(absl::string_view group, absl::string_view word) const {
  const std::string id = absl::StrCat(group, ".", word);
  return HasMessage(id, Language::kEnglish) ? (*this)(id) : EscapeHtml(word);
}

std::string ReportText::Leaf(uint64_t index) const {
  const std::string number = absl::StrCat(index);
  return absl::StrCat("<span class=\"leaf\" title=\"", (*this)("report.leaf.title", {{"leaf", number}}),
                      "\">", (*this)("report.leaf", {{"leaf", number}}), "</span>");
}

}  // namespace consort::explain
