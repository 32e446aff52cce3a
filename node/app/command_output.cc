#include "node/app/command_output.h"

#include <iostream>

namespace consort::node {

void PrintData(absl::string_view text) { std::cout << text << std::flush; }

void PrintNote(absl::string_view text) { std::cerr << text << std::flush; }

std::string UtcText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace consort::node
