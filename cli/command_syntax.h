// The words and options of one command, without the parser's costly header.
#ifndef CONSORT_CLI_COMMAND_SYNTAX_H_
#define CONSORT_CLI_COMMAND_SYNTAX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace consort::cli {

// What may stand behind a command's name. Targets must live as long as the command line (commands keep them
// in their action); they hold the defaults before and the person's values after parsing. Keeps the parser's
// costly header out of the commands.
class CommandSyntax {
 public:
  explicit CommandSyntax(CLI::App& app) : app_(app) {}

  // A required word without a dash. `choices`: the only ones allowed, if any.
  void Positional(const std::string& name, std::string& target, const std::string& help,
                  const std::vector<std::string>& choices = {});
  void Positional(const std::string& name, uint64_t& target, const std::string& help);
  // A word without a dash that may be left out: `target` is then empty.
  void OptionalPositional(const std::string& name, std::optional<uint64_t>& target, const std::string& help);
  void OptionalPositional(const std::string& name, std::string& target, const std::string& help);
  // "--name VALUE".
  void Option(const std::string& name, std::string& target, const std::string& help,
              const std::vector<std::string>& choices = {});
  // Between `low` and `high`, both allowed.
  void Option(const std::string& name, uint64_t& target, uint64_t low, uint64_t high,
              const std::string& help);
  void RequiredOption(const std::string& name, std::string& target, const std::string& help,
                      const std::vector<std::string>& choices = {});
  void Repeated(const std::string& name, std::vector<std::string>& target, const std::string& help);
  void Flag(const std::string& name, bool& target, const std::string& help);

 private:
  CLI::App& app_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_COMMAND_SYNTAX_H_
