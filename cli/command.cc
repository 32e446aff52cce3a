#include "cli/command.h"

#include <unistd.h>

#include <iostream>
#include <map>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/rpc/coordinator_client.h"
#include "cli/rpc/transfer_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

// What `consort job --help` says about a noun.
const std::map<std::string, std::string>& NounDescriptions() {
  static const auto* const descriptions = new std::map<std::string, std::string>{
      {"federation", "The federation as a whole"},
      {"node", "Members: archives, researchers, auditors, operators"},
      {"job", "Trainings that archives do together"},
      {"model", "Models that jobs have made"},
      {"artifact", "Files by their SHA-256"},
      {"ledger", "The append-only record of who did what, and its proofs"},
      {"explain", "Reports for people"}};
  return *descriptions;
}

}  // namespace

CommandContext::CommandContext(std::string profile_directory, const Printer& printer)
    : profile_directory_(std::move(profile_directory)), printer_(printer) {}
CommandContext::~CommandContext() = default;

absl::StatusOr<Profile> CommandContext::profile() const { return ReadProfile(profile_directory_); }

absl::StatusOr<CoordinatorClient*> CommandContext::coordinator() {
  if (coordinator_ == nullptr) {
    ASSIGN_OR_RETURN(const Profile profile, ReadProfile(profile_directory_));
    ASSIGN_OR_RETURN(coordinator_, CoordinatorClient::Open(profile_directory_, profile));
  }
  return coordinator_.get();
}

absl::StatusOr<TransferClient*> CommandContext::transfers() {
  if (transfers_ == nullptr) {
    ASSIGN_OR_RETURN(const Profile profile, ReadProfile(profile_directory_));
    ASSIGN_OR_RETURN(transfers_, TransferClient::Open(profile_directory_, profile));
  }
  return transfers_.get();
}

CLI::App& CommandSet::Noun(const std::string& noun) {
  for (CLI::App* existing : root_.get_subcommands({})) {
    if (existing->get_name() == noun) return *existing;
  }
  const auto found = NounDescriptions().find(noun);
  CLI::App* app = root_.add_subcommand(noun, found == NounDescriptions().end() ? "" : found->second);
  app->require_subcommand(1);
  return *app;
}

CommandSyntax CommandSet::Add(const std::string& noun, const std::string& verb,
                              const std::string& description, const std::string& example,
                              CommandAction action) {
  CLI::App& app =
      verb.empty() ? *root_.add_subcommand(noun, description) : *Noun(noun).add_subcommand(verb, description);
  app.add_option("--profile", profile_option_,
                 "Folder of the profile (default: $CONSORT_PROFILE, ~/.config/consort)");
  app.add_option("-o,--output", format_option_, "table or json")->check(CLI::IsMember({"table", "json"}));
  app.footer(absl::StrCat("Example:\n  ", example, "\n", ExitCodeHelp()));
  app.callback([this, action = std::move(action)] { chosen_ = action; });
  return CommandSyntax(app);
}

int CommandSet::Run() const {
  const Printer printer(format_option_ == "json" ? Format::kJson : Format::kTable, std::cout, std::cerr,
                        Terminal::Of(STDERR_FILENO));
  CommandContext context(ProfileDirectory(profile_option_), printer);
  const absl::StatusOr<ExitCode> result = chosen_(context);
  std::cout.flush();
  if (result.ok()) {
    if (std::cout.good()) return static_cast<int>(*result);
    printer.Note("consort: cannot write to standard output", Colour::kRed);
    return static_cast<int>(ExitCode::kFailed);
  }
  printer.Note(absl::StrCat("consort: ", result.status().message()), Colour::kRed);
  return static_cast<int>(ExitCodeOf(result.status()));
}

}  // namespace consort::cli
