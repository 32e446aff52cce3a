#include "cli/ledger_audit/compare_checkpoints.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/key_file.h"
#include "common/ledger/compare.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/note.h"
#include "common/ledger/verify.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<std::vector<VerifierKey>> KeysOf(const CompareOptions& options) {
  ASSIGN_OR_RETURN(std::vector<VerifierKey> keys, TrustedLogKeys(options.trust));
  if (keys.empty() && !options.directory.empty()) {
    ASSIGN_OR_RETURN(keys,
                     ledger::ReadVerifierKeys(absl::StrCat(options.directory, "/", ledger::kLogKeyFile)));
  }
  if (!keys.empty()) return keys;
  return absl::InvalidArgumentError("nobody is trusted; give --log-key KEY or --policy FILE");
}

// The tree of a folder; without one, none. A folder that cannot be read whole gives what it has: comparing
// says whether that is enough.
ledger::MemoryTree TreeOf(const std::string& directory) {
  ledger::MemoryTree tree;
  if (directory.empty()) return tree;
  (void)ledger::ReadExportEntries(directory, [&tree](uint64_t, absl::string_view envelope) {
    tree.Append(ledger::LeafHash(envelope));
    return absl::OkStatus();
  });
  return tree;
}

Colour ColourOf(ledger::Relation relation) {
  if (relation == ledger::Relation::kSplitView) return Colour::kRed;
  return relation == ledger::Relation::kCannotTell ? Colour::kNone : Colour::kGreen;
}

ExitCode ExitCodeOf(ledger::Relation relation) {
  if (relation == ledger::Relation::kSplitView) return ExitCode::kVerificationFailed;
  return relation == ledger::Relation::kCannotTell ? ExitCode::kFailed : ExitCode::kOk;
}

}  // namespace

void DeclareCompare(CommandSyntax& syntax, CompareOptions& options) {
  syntax.Positional("a", options.a, "File with a checkpoint");
  syntax.Positional("b", options.b, "File with another checkpoint of the same log");
  DeclareTrust(syntax, options.trust);
  syntax.Option("--evidence", options.evidence, "Where to write the evidence of a split view");
  DeclareLanguage(syntax, options.language);
}

absl::StatusOr<ExitCode> CompareCheckpoints(const CompareOptions& options, const Printer& printer) {
  ASSIGN_OR_RETURN(const std::vector<VerifierKey> keys, KeysOf(options));
  ASSIGN_OR_RETURN(const std::string a, ReadPublicFile(options.a, ledger::kMaxNoteBytes));
  ASSIGN_OR_RETURN(const std::string b, ReadPublicFile(options.b, ledger::kMaxNoteBytes));
  const ledger::MemoryTree tree = TreeOf(options.directory);
  ASSIGN_OR_RETURN(const ledger::Comparison found,
                   ledger::CompareHistories(a, b, keys, options.directory.empty() ? nullptr : tree.Reader()));
  const std::string relation(ledger::RelationName(found.relation));
  if (printer.format() == Format::kJson) {
    printer.Record({{"relation", relation}, {"detail", found.detail}, {"evidence", found.evidence}});
  } else {
    printer.Raw(found.evidence);
  }
  if (!found.evidence.empty() && !options.evidence.empty()) {
    RETURN_IF_ERROR(WriteFileDurably(options.evidence, found.evidence));
    printer.Note(Message("cli.audit.evidence", options.language.language(), {{"path", options.evidence}}));
  }
  printer.Note(Message(absl::StrCat("cli.audit.relation", ".", relation), options.language.language(),
                       {{"detail", found.detail}}),
               ColourOf(found.relation));
  return ExitCodeOf(found.relation);
}

}  // namespace consort::cli
