#include "node/app/consent_question.h"

#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "common/messages/message_catalogue.h"

namespace consort::node {

bool CanAskOperator() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

bool AskForConsent(const std::string& recordings_directory, const std::vector<std::string>& purposes,
                   std::istream& in, std::ostream& out) {
  out << Message("node.enrol.consent.question",
                 {{"recordings", recordings_directory}, {"purposes", absl::StrJoin(purposes, ", ")}})
      << " " << std::flush;
  std::string answer;
  std::getline(in, answer);
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer)) == "yes";
}

}  // namespace consort::node
