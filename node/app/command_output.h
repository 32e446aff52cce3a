// How the subcommands print: data on stdout as a table or as JSON.
#ifndef CONSORT_NODE_APP_COMMAND_OUTPUT_H_
#define CONSORT_NODE_APP_COMMAND_OUTPUT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace consort::node {

enum class OutputFormat { kTable, kJson };

// Writes to stdout, to stderr.
void PrintData(absl::string_view text);
void PrintNote(absl::string_view text);

// ISO 8601 in UTC, to the second.
std::string UtcText(absl::Time time);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_COMMAND_OUTPUT_H_
