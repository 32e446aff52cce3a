#include "cli/ledger_audit/check_policy.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/ledger/policy.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<int> FaultyOf(const std::string& word, const ledger::Policy& policy) {
  if (word == "default") return ledger::DefaultFaulty(static_cast<int>(policy.witnesses().size()));
  int faulty = 0;
  if (absl::SimpleAtoi(word, &faulty) && faulty >= 0) return faulty;
  return absl::InvalidArgumentError(absl::StrCat("--faulty is a number of witnesses, from 0; found: ", word));
}

}  // namespace

void DeclareCheckPolicy(CommandSyntax& syntax, CheckPolicyOptions& options) {
  syntax.Positional("policy", options.policy, "Policy file (C2SP tlog-policy)");
  syntax.Option("--faulty", options.faulty,
                "How many dishonest witnesses it must bear (default: a third of them, rounded down)");
  DeclareLanguage(syntax, options.language);
}

absl::StatusOr<ExitCode> CheckPolicy(const CheckPolicyOptions& options, const Printer& printer) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(options.policy, ledger::kMaxPolicyBytes));
  ASSIGN_OR_RETURN(const ledger::Policy policy, ledger::Policy::Parse(text));
  ASSIGN_OR_RETURN(const int faulty, FaultyOf(options.faulty, policy));
  const ledger::Policy::Overlap overlap = policy.SmallestOverlap();
  const bool safe = overlap.witnesses > faulty;
  printer.Record({{"witnesses", policy.witnesses().size()},
                  {"faulty", faulty},
                  {"smallest_overlap", overlap.witnesses},
                  {"one_quorum", overlap.first},
                  {"another_quorum", overlap.second},
                  {"safe", safe}});
  printer.Note(
      Message(safe ? "cli.audit.policy-safe" : "cli.audit.policy-unsafe", options.language.language(),
              {{"overlap", absl::StrCat(overlap.witnesses)}, {"faulty", absl::StrCat(faulty)}}),
      safe ? Colour::kGreen : Colour::kRed);
  return safe ? ExitCode::kOk : ExitCode::kVerificationFailed;
}

}  // namespace consort::cli
