// Two checkpoints of one log: the same history, or the log has shown two people two of them.
#ifndef CONSORT_CLI_LEDGER_AUDIT_COMPARE_CHECKPOINTS_H_
#define CONSORT_CLI_LEDGER_AUDIT_COMPARE_CHECKPOINTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/ledger_audit/trust.h"
#include "cli/printer.h"
#include "common/status/exit_code.h"

namespace consort::cli {

struct CompareOptions {
  std::string a;  // paths of two checkpoints
  std::string b;
  std::string directory;  // of an export that holds the larger one's entries; empty: none
  std::string evidence;   // file to write on a split view; empty: none
  TrustOptions trust;     // without a key: those of `directory`
  LanguageOption language;
};
// All but the folder, which callers name in their own way.
void DeclareCompare(CommandSyntax& syntax, CompareOptions& options);

// Prints the relation and, on a split view, the evidence that convinces a stranger. kVerificationFailed on a
// split view, kFailed if one cannot tell. Errors: InvalidArgument if nobody is trusted, for malformed notes
// and notes of two logs; Unauthenticated for a note that no trusted key signed; NotFound for files; the
// disk's.
absl::StatusOr<ExitCode> CompareCheckpoints(const CompareOptions& options, const Printer& printer);

}  // namespace consort::cli

#endif  // CONSORT_CLI_LEDGER_AUDIT_COMPARE_CHECKPOINTS_H_
