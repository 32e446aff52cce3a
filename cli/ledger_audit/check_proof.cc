#include "cli/ledger_audit/check_proof.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/crypto/key_file.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/entry.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/tlog_proof.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

constexpr size_t kMaxLeafBytes = 65'535;  // of the format; the product's own limit is lower

// What the entry says it is; its own signature is no business of a proof.
std::string KindOf(const std::string& entry) {
  const absl::StatusOr<ledger::Statement> statement = ledger::ReadEntry(entry);
  return statement.ok() ? std::string(ledger::KindName(statement->kind)) : "-";
}

ExitCode Refuse(absl::string_view detail, Language language, const Printer& printer) {
  if (printer.format() == Format::kJson) printer.Record({{"passed", false}, {"detail", std::string(detail)}});
  printer.Note(Message("cli.audit.proof-fails", language, {{"detail", std::string(detail)}}), Colour::kRed);
  return ExitCode::kVerificationFailed;
}

}  // namespace

void DeclareCheckProof(CommandSyntax& syntax, CheckProofOptions& options) {
  syntax.Positional("proof", options.proof, "Proof file (C2SP tlog-proof)");
  syntax.Positional("entry", options.entry, "File with the entry's bytes");
  DeclareTrust(syntax, options.trust);
  DeclareClock(syntax, options.trust);
  DeclareLanguage(syntax, options.language);
}

absl::StatusOr<ExitCode> CheckProof(const CheckProofOptions& options, const Printer& printer) {
  ASSIGN_OR_RETURN(const ledger::Policy policy, TrustedPolicy(options.trust));
  ASSIGN_OR_RETURN(const std::string proof, ReadPublicFile(options.proof, ledger::kMaxTlogProofBytes));
  ASSIGN_OR_RETURN(const std::string entry, ReadPublicFile(options.entry, kMaxLeafBytes));
  const Language language = options.language.language();
  const absl::StatusOr<ledger::CheckedTlogProof> checked =
      ledger::CheckTlogProof(proof, entry, policy, ClockOf(options.trust));
  if (!checked.ok()) return Refuse(checked.status().message(), language, printer);
  const ledger::JudgedCheckpoint& judged = checked->checkpoint;
  const bool has_witnesses = !policy.asks_for_no_witness();
  if (has_witnesses) {
    const absl::Status witnessed = ledger::CheckWitnessed(judged.judgement);
    if (!witnessed.ok()) return Refuse(witnessed.message(), language, printer);
  }
  const ledger::EntryState state =
      has_witnesses ? ledger::EntryState::kWitnessed : ledger::EntryState::kSealed;
  const ledger::Checkpoint& checkpoint = judged.opened.checkpoint;
  Json cosigned = Json::array();
  for (const std::string& keyid : judged.judgement.counted) cosigned.push_back(keyid);
  printer.Record({{"passed", true},
                  {"origin", checkpoint.origin},
                  {"index", checked->index},
                  {"size", checkpoint.size},
                  {"kind", KindOf(entry)},
                  {"leaf_hash", HexOf(ledger::LeafHash(entry))},
                  {"state", std::string(ledger::EntryStateName(state))},
                  {"cosigned_by", std::move(cosigned)}});
  printer.Note(Message("cli.audit.proof-holds", language,
                       {{"index", absl::StrCat(checked->index)},
                        {"size", absl::StrCat(checkpoint.size)},
                        {"state", Message(absl::StrCat("cli.audit.state", ".", ledger::EntryStateName(state)),
                                          language)}}),
               Colour::kGreen);
  return ExitCode::kOk;
}

}  // namespace consort::cli
