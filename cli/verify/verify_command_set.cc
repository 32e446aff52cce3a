#include "cli/verify/verify_command_set.h"

#include <unistd.h>

#include <iostream>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace consort::cli {

CommandSyntax VerifyCommandSet::Add(const std::string& name, const std::string& description,
                                    const std::vector<std::string>& examples, VerifyAction action) {
  CLI::App& app = *root_.add_subcommand(name, description);
  app.add_option("-o,--output", format_option_, "table or json")->check(CLI::IsMember({"table", "json"}));
  app.footer(absl::StrCat("Examples:\n  ", absl::StrJoin(examples, "\n  "), "\n", ExitCodeHelp()));
  app.callback([this, action = std::move(action)] { chosen_ = action; });
  return CommandSyntax(app);
}

int VerifyCommandSet::Run() const {
  const Printer printer(format_option_ == "json" ? Format::kJson : Format::kTable, std::cout, std::cerr,
                        Terminal::Of(STDERR_FILENO));
  const absl::StatusOr<ExitCode> result = chosen_(printer);
  std::cout.flush();
  if (!result.ok()) {
    printer.Note(absl::StrCat("consort-verify: ", result.status().message()), Colour::kRed);
    return static_cast<int>(ExitCodeOf(result.status()));
  }
  if (std::cout.good()) return static_cast<int>(*result);
  printer.Note("consort-verify: cannot write to standard output", Colour::kRed);
  return static_cast<int>(ExitCode::kFailed);
}

}  // namespace consort::cli
