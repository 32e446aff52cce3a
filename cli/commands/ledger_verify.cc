// consort ledger verify DIR|URL
#include <filesystem>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/commands/commands.h"
#include "cli/fetch/http_client.h"
#include "cli/fetch/ledger_fetch.h"
#include "cli/interrupt.h"
#include "cli/ledger_audit/verify_ledger.h"
#include "cli/scratch_folder.h"
#include "common/config/document.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  VerifyLedgerOptions verify;
  std::string mirror;  // path of a node.toml
  std::string into;    // folder that fetched files stay in
};

bool IsUrl(const std::string& place) { return absl::StrContains(place, "://"); }

// Where an archive's daemon keeps its copy of the ledger.
absl::StatusOr<std::string> MirrorOf(const std::string& config) {
  ASSIGN_OR_RETURN(ConfigDocument document, ConfigDocument::Read(config, ProcessEnvironment()));
  ASSIGN_OR_RETURN(const std::string state, document.String("state", "directory"));
  return absl::StrCat(state, "/ledger/mirror");
}

absl::Status Fetch(std::string url, const std::string& directory, const Printer& printer) {
  if (!absl::StartsWith(url, "http://") && !absl::StartsWith(url, "https://"))
    return absl::InvalidArgumentError(absl::StrCat("only http:// and https:// addresses are fetched: ", url));
  if (!absl::EndsWith(url, "/")) url += "/";
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpClient> client, HttpClient::Create());
  const InterruptGuard interrupt([] {});
  client->set_goes_on([&interrupt] { return !interrupt.interrupted(); });
  LiveBlock block(printer.terminal());
  absl::Time drawn = absl::InfinitePast();
  const absl::Status status = FetchLedger(
      [&](const std::string& path, size_t max_bytes) { return client->Get(url + path, max_bytes); },
      directory,
      [&](uint64_t done, uint64_t total) {
        if (absl::Now() - drawn < absl::Milliseconds(200)) return;
        drawn = absl::Now();
        block.Draw(
            {Message("cli.ledger.fetching", {{"done", absl::StrCat(done)}, {"total", absl::StrCat(total)}})});
      });
  block.Clear();
  return status;
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  VerifyLedgerOptions verify = options.verify;
  const Printer& printer = context.printer();
  if (verify.directory.empty() == options.mirror.empty())
    return absl::InvalidArgumentError("name one ledger: a folder, an address, or --mirror NODE.toml");
  if (!options.mirror.empty()) {
    ASSIGN_OR_RETURN(verify.directory, MirrorOf(options.mirror));
    return VerifyLedger(verify, printer);
  }
  if (!IsUrl(verify.directory)) return VerifyLedger(verify, printer);
  const std::string url = verify.directory;
  ASSIGN_OR_RETURN(const ScratchFolder scratch, ScratchFolder::Make());
  verify.directory = options.into.empty() ? scratch.path() : options.into;
  RETURN_IF_ERROR(Fetch(url, verify.directory, printer));
  return VerifyLedger(verify, printer);
}

}  // namespace

void AddLedgerVerify(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add(
      "ledger", "verify", "Check a whole ledger: exported, published on the web, or mirrored by an archive",
      "consort ledger verify https://ledger.example.org/music --policy my-policy",
      [options](CommandContext& context) { return Run(*options, context); });
  syntax.OptionalPositional("ledger", options->verify.directory,
                            "Folder with the file checkpoint, or http(s) address of one");
  syntax.Option("--mirror", options->mirror, "Configuration of a node: the copy that it keeps is checked");
  syntax.Option("--into", options->into,
                "Folder that fetched files stay in, so that the next time fetches only what is new");
  DeclareVerifyLedger(syntax, options->verify);
}

}  // namespace consort::cli
