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

  consort::node::IncidentOptions incident;
  CLI::App* incident_command =
      AddCommand(app, "incident", "What this archive holds against the ledger, and what was decided",
                 "consort-node incident list --config /srv/consort/node/node.toml");
  incident_command->require_subcommand(1);
  CLI::App* incident_list =
      AddCommand(*incident_command, "list", "List incidents, decided ones too",
                 "consort-node incident list --config /srv/consort/node/node.toml -o json");
  CLI::App* incident_show =
      AddCommand(*incident_command, "show", "Show one incident with its evidence",
                 "consort-node incident show 0f3c9a4be1d25e77 --config /srv/consort/node/node.toml");
  CLI::App* incident_resolve = AddCommand(
      *incident_command, "resolve", "Say what was decided; the running daemon acts on it at once",
      "consort-node incident resolve 0f3c9a4be1d25e77 --decision go-on --by head-of-collections --config "
      "/srv/consort/node/node.toml");
  for (CLI::App* command : {incident_list, incident_show, incident_resolve}) {
    AddConfig(*command, incident.config);
    if (command != incident_resolve) AddOutput(*command, incident.format);
    if (command != incident_list)
      command->add_option("id", incident.id, "as list shows it; resolve: or restored, where none is open")
          ->required();
  }
  incident_resolve
      ->add_option("--decision", incident.decision,
                   "go-on: contribute again; accept-restored: the coordinator was restored, go back to what "
                   "this archive has cosigned; stay-stopped: on record, nothing starts")
      ->required()
      ->check(CLI::IsMember({"go-on", "accept-restored", "stay-stopped"}));
  incident_resolve->add_option("--by", incident.by, "role of who decided, never a name")->required();

  consort::node::StaffOptions staff;
  CLI::App* withdraw_command =
      AddCommand(app, "withdraw", "Withdraw what this archive has given",
                 "consort-node withdraw contribution 4101 --reason consent-withdrawn --config "
                 "/srv/consort/node/node.toml --yes");
  withdraw_command->require_subcommand(1);
  CLI::App* withdraw_contribution = AddCommand(
      *withdraw_command, "contribution", "Withdraw a contribution: from here on no model may use it",
      "consort-node withdraw contribution 4101 --reason consent-withdrawn --config "
      "/srv/consort/node/node.toml --yes");
  withdraw_contribution->add_option("leaf", staff.leaf, "its entry in the ledger")->required();
  withdraw_contribution->add_option("--reason", staff.reason)
      ->required()
      ->check(CLI::IsMember({"consent-withdrawn", "rights-claim", "error", "court-order", "other"}));
  staff.effect = "no-further-use";
  withdraw_contribution->add_option("--effect", staff.effect, "default no-further-use")
      ->check(CLI::IsMember({"no-further-use", "retrain-asked"}));
  CLI::App* erase_command =
      AddCommand(app, "erase", "Say in the ledger that a commitment can no longer be opened",
                 "consort-node erase 2b5c... --ground gdpr-17 --config /srv/consort/node/node.toml --yes");
  erase_command->add_option("commitment", staff.commitment, "64 hex digits, as the ledger has it")
      ->required();
  erase_command->add_option("--ground", staff.ground)
      ->required()
      ->check(CLI::IsMember({"gdpr-17", "pipl-47", "contract", "other"}));
  staff.erased = "value-and-salt";
  erase_command->add_option("--erased", staff.erased, "what was deleted; default value-and-salt")
      ->check(CLI::IsMember({"value-and-salt", "key"}));
  for (CLI::App* command : {withdraw_contribution, erase_command}) {
    AddConfig(*command, staff.config);
    command->add_option("--key", staff.key,
                        "the staff's key; default ../staff/approval.key beside node.toml's folder");
    command->add_option("--passphrase-file", staff.passphrase, "opens an encrypted key");
    command->add_flag("--yes", staff.yes, "sign and send; without it the entry is only described");
  }

  consort::node::KeysOptions keys;
  CLI::App* keys_command =
      AddCommand(app, "keys", "Change the daemon's keys",
                 "consort-node keys rotate entries --config /srv/consort/node/node.toml");
  keys_command->require_subcommand(1);
  CLI::App* keys_rotate =
      AddCommand(*keys_command, "rotate", "Make the key that follows; the daemon takes it up when restarted",
                 "consort-node keys rotate mirror --config /srv/consort/node/node.toml");
  keys_rotate->add_option("purpose", keys.purpose, "entries or mirror")
      ->required()
      ->check(CLI::IsMember({"entries", "mirror"}));
  AddConfig(*keys_rotate, keys.config);

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
  if (incident_list->parsed()) outcome = RunIncidentList(incident);
  if (incident_show->parsed()) outcome = RunIncidentShow(incident);
  if (incident_resolve->parsed()) outcome = RunIncidentResolve(incident);
  if (withdraw_contribution->parsed()) outcome = RunWithdraw(staff);
  if (erase_command->parsed()) outcome = RunErase(staff);
  if (keys_rotate->parsed()) outcome = RunKeysRotate(keys);
  if (!outcome.ok()) std::cerr << "consort-node: " << outcome.message() << "\n";
  return static_cast<int>(consort::ExitCodeOf(outcome));
}
