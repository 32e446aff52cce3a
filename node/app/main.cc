// consort-node: the archive's daemon and its commands.
#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/tls_policy.h"
#include "common/status/exit_code.h"
#include "node/app/commands.h"
#include "node/app/trainer_file.h"

namespace {

using consort::node::OutputFormat;

std::string Footer(const std::string& example) {
  const absl::string_view codes = consort::ExitCodeHelp();
  return absl::StrCat("Example:\n  ", example, "\n\n", codes);
}

CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& what,
                     const std::string& example) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer(Footer(example));
  return command;
}

void AddConfig(CLI::App& command, std::string& config) {
  command.add_option("--config", config, "node.toml")->required()->envname("CONSORT_NODE_CONFIG");
}

void AddOutput(CLI::App& command, OutputFormat& format) {
  static const std::map<std::string, OutputFormat> kFormats = {{"table", OutputFormat::kTable},
                                                               {"json", OutputFormat::kJson}};
  command.add_option("-o,--output", format, "table or json")->transform(CLI::CheckedTransformer(kFormats));
}

}  // namespace

int main(int argc, char** argv) {
  consort::RequireTls13();
  CLI::App app("The archive's daemon: speaks with the federation, never opens a recording.", "consort-node");
  app.footer(std::string(consort::ExitCodeHelp()));
  app.require_subcommand(1);

  consort::node::EnrolOptions enrol;
  std::vector<std::string> traditions;
  CLI::App* enrol_command = AddCommand(
      app, "enrol", "Join a federation with an invitation",
      "consort-node enrol consort-invite-1.eyJ... --directory /srv/consort --recordings /srv/recordings "
      "--consent declared-by-operator");
  enrol_command->add_option("invitation", enrol.invitation, "the line from the federation's operator")
      ->required();
  enrol_command->add_option("--directory", enrol.directory, "folder for keys, state and configuration")
      ->required();
  enrol_command
      ->add_option("--recordings", enrol.recordings, "folder of recordings, one subfolder a tradition")
      ->required();
  enrol_command
      ->add_option("--consent", enrol.consent,
                   "declared-by-operator: you declare that the archive may lawfully use these recordings; "
                   "without it you are asked at the terminal")
      ->check(CLI::IsMember({consort::node::kDeclaredByOperator}));
  enrol_command->add_option("--tradition", traditions,
                            "SUBFOLDER=NAME: publish a subfolder under another name");
  enrol_command->add_option("--listening", enrol.listening,
                            "folder for listening files; default DIRECTORY/listening");
  enrol_command->add_option("--proxy", enrol.proxy, "HTTP CONNECT proxy HOST:PORT");
  enrol_command->add_option("--trainer", enrol.trainer_program,
                            "consort-trainer; default: beside consort-node");

  consort::node::RunOptions run;
  CLI::App* run_command =
      AddCommand(app, "run", "Run the daemon", "consort-node run --config /srv/consort/node/node.toml");
  AddConfig(*run_command, run.config);
  run_command->add_flag("--check-config", run.check_config,
                        "read the configuration, say what is wrong, and end");
  run_command->add_flag("--unsafe-no-sandbox", run.unsafe_no_sandbox,
                        "run although the kernel cannot restrict it");

  consort::node::DoctorOptions doctor;
  CLI::App* doctor_command =
      AddCommand(app, "doctor", "Say what is wrong between this archive and its federation",
                 "consort-node doctor --config /srv/consort/node/node.toml");
  AddConfig(*doctor_command, doctor.config);
  AddOutput(*doctor_command, doctor.format);

  consort::node::JournalOptions journal;
  CLI::App* journal_command = AddCommand(app, "journal", "Show what has left this archive",
                                         "consort-node journal --config /srv/consort/node/node.toml --sums");
  AddConfig(*journal_command, journal.config);
  AddOutput(*journal_command, journal.format);
  journal_command->add_flag("--sums", journal.sums, "sums by type and job instead of rows");
  journal_command->add_flag("--verify", journal.verify, "check the whole chain and print its head");

  consort::node::StatusOptions status;
  CLI::App* status_command = AddCommand(app, "status", "Ask the running daemon how it is",
                                        "consort-node status --config /srv/consort/node/node.toml -o json");
  AddConfig(*status_command, status.config);
  AddOutput(*status_command, status.format);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(consort::ExitCode::kUsage);
  }
  for (const std::string& pair : traditions) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size()) {
      std::cerr << "--tradition must be SUBFOLDER=NAME: " << pair << "\n";
      return static_cast<int>(consort::ExitCode::kUsage);
    }
    enrol.traditions.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }

  absl::Status outcome;
  if (enrol_command->parsed()) outcome = RunEnrol(enrol);
  if (run_command->parsed()) outcome = RunDaemon(run);
  if (doctor_command->parsed()) outcome = RunDoctor(doctor);
  if (journal_command->parsed()) outcome = RunJournal(journal);
  if (status_command->parsed()) outcome = RunStatus(status);
  if (!outcome.ok()) std::cerr << "consort-node: " << outcome.message() << "\n";
  return static_cast<int>(consort::ExitCodeOf(outcome));
}
