// Asks the operator, at enrolment, to declare that the recordings may be used.
#ifndef CONSORT_NODE_APP_CONSENT_QUESTION_H_
#define CONSORT_NODE_APP_CONSENT_QUESTION_H_

#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace consort::node {

// True when a person can be asked: stdin and stderr are a terminal.
bool CanAskOperator();

// Puts the question to `out` and reads one line from `in`. True for "yes" alone, in any case and with blanks
// around it; an empty line, another word and the end of input are a no.
bool AskForConsent(const std::string& recordings_directory, const std::vector<std::string>& purposes,
                   std::istream& in, std::ostream& out);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_CONSENT_QUESTION_H_
