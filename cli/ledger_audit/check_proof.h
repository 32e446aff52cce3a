// One entry and its proof file, checked without a network.
#ifndef CONSORT_CLI_LEDGER_AUDIT_CHECK_PROOF_H_
#define CONSORT_CLI_LEDGER_AUDIT_CHECK_PROOF_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/ledger_audit/trust.h"
#include "cli/printer.h"
#include "common/status/exit_code.h"

namespace consort::cli {

struct CheckProofOptions {
  std::string proof;  // path of a C2SP tlog-proof file
  std::string entry;  // path of the entry: the leaf's bytes
  TrustOptions trust;
  LanguageOption language;
};
void DeclareCheckProof(CommandSyntax& syntax, CheckProofOptions& options);

// Prints where the entry stands, what it says and how far it has come. kVerificationFailed if the proof does
// not hold or asks for witnesses that have not cosigned. Errors: as TrustedPolicy; NotFound for the files.
absl::StatusOr<ExitCode> CheckProof(const CheckProofOptions& options, const Printer& printer);

}  // namespace consort::cli

#endif  // CONSORT_CLI_LEDGER_AUDIT_CHECK_PROOF_H_
