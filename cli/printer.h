// The one place where commands print: data on stdout as a table or as JSON, messages on stderr.
#ifndef CONSORT_CLI_PRINTER_H_
#define CONSORT_CLI_PRINTER_H_

#include <iosfwd>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/terminal.h"
#include "nlohmann/json.hpp"

namespace consort::cli {

using Json = nlohmann::ordered_json;

enum class Format { kTable, kJson };

// Not thread-safe. The streams must outlive it.
class Printer {
 public:
  Printer(Format format, std::ostream& data, std::ostream& messages, const Terminal& terminal)
      : format_(format), data_(data), messages_(messages), terminal_(terminal) {}

  // `rows`: an array of objects. As a table: the members `columns`, titled by their names; a list is joined
  // by commas. As JSON: the rows whole.
  void List(const std::vector<std::string>& columns, const Json& rows) const;
  // `record`: an object. As a table: one line a member, nested objects as "a.b", lists of objects as a
  // number.
  void Record(const Json& record) const;
  // Data that is neither: written as it is in both formats.
  void Raw(absl::string_view bytes) const;
  // A line for the person; `colour` where the terminal has it.
  void Note(absl::string_view text, Colour colour = Colour::kNone) const;

  Format format() const { return format_; }
  const Terminal& terminal() const { return terminal_; }  // of stderr

 private:
  Format format_;
  std::ostream& data_;
  std::ostream& messages_;
  Terminal terminal_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_PRINTER_H_
