#include "cli/command_syntax.h"

#include "CLI/CLI.hpp"

namespace consort::cli {

void CommandSyntax::Positional(const std::string& name, std::string& target, const std::string& help,
                               const std::vector<std::string>& choices) {
  CLI::Option* option = app_.add_option(name, target, help)->required();
  if (!choices.empty()) option->check(CLI::IsMember(choices));
}

void CommandSyntax::Positional(const std::string& name, uint64_t& target, const std::string& help) {
  app_.add_option(name, target, help)->required();
}

void CommandSyntax::OptionalPositional(const std::string& name, std::optional<uint64_t>& target,
                                       const std::string& help) {
  app_.add_option(name, target, help);
}

void CommandSyntax::OptionalPositional(const std::string& name, std::string& target,
                                       const std::string& help) {
  app_.add_option(name, target, help);
}

void CommandSyntax::Option(const std::string& name, std::string& target, const std::string& help,
                           const std::vector<std::string>& choices) {
  CLI::Option* option = app_.add_option(name, target, help);
  if (!choices.empty()) option->check(CLI::IsMember(choices));
}

void CommandSyntax::Option(const std::string& name, uint64_t& target, uint64_t low, uint64_t high,
                           const std::string& help) {
  app_.add_option(name, target, help)->check(CLI::Range(low, high));
}

void CommandSyntax::RequiredOption(const std::string& name, std::string& target, const std::string& help,
                                   const std::vector<std::string>& choices) {
  CLI::Option* option = app_.add_option(name, target, help)->required();
  if (!choices.empty()) option->check(CLI::IsMember(choices));
}

void CommandSyntax::Repeated(const std::string& name, std::vector<std::string>& target,
                             const std::string& help) {
  app_.add_option(name, target, help);
}

void CommandSyntax::Flag(const std::string& name, bool& target, const std::string& help) {
  app_.add_flag(name, target, help);
}

}  // namespace consort::cli
