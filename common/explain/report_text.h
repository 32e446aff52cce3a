// The report's words: messages in one language, escaped for HTML.
#ifndef CONSORT_COMMON_EXPLAIN_REPORT_TEXT_H_
#define CONSORT_COMMON_EXPLAIN_REPORT_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/messages/message_catalogue.h"

namespace consort::explain {

// `text` with &, <, >, " and ' written as entities: safe as content and as a quoted attribute.
std::string EscapeHtml(absl::string_view text);

// The texts of one language. Every answer is escaped HTML.
class ReportText {
 public:
  explicit ReportText(Language language) : language_(language) {}

  // The message `id`; parameters are plain text.
  std::string operator()(absl::string_view id, const MessageParameters& parameters = {}) const;
  // The person's word for a word of the ledger ("fedavg", "improved"): message `group`.`word`, or the word
  // itself where the catalogue has none.
  std::string Word(absl::string_view group, absl::string_view word) const;
  // A small mark that names the leaf a statement is proved by.
  std::string Leaf(uint64_t index) const;

  Language language() const { return language_; }

 private:
  Language language_;
};

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_REPORT_TEXT_H_
