// The commands of consort-verify, one file each.
#ifndef CONSORT_CLI_VERIFY_COMMANDS_H_
#define CONSORT_CLI_VERIFY_COMMANDS_H_

#include "cli/verify/verify_command_set.h"

namespace consort::cli {

void AddVerifyLedger(VerifyCommandSet& commands);
void AddVerifyProof(VerifyCommandSet& commands);
void AddVerifyCompare(VerifyCommandSet& commands);
void AddVerifyPolicy(VerifyCommandSet& commands);

}  // namespace consort::cli

#endif  // CONSORT_CLI_VERIFY_COMMANDS_H_
