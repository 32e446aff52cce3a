#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "common/rpc/tls_policy.h"
#include "common/status/exit_code.h"
#include "coordinator/app/commands.h"

namespace {

using consort::ExitCode;
namespace coordinator = consort::coordinator;

std::string Footer(const std::string& example) {
  return "\nExample: " + example + "\n\n" + std::string(consort::ExitCodeHelp());
}

int ExitWith(const absl::Status& status) {
  if (!status.ok()) std::cerr << "consort-coordinator: " << status.message() << "\n";
  return static_cast<int>(consort::ExitCodeOf(status));
}

}  // namespace

int main(int argc, char** argv) {
  consort::RequireTls13();
  CLI::App app("The coordinator of a Consort federation: rounds, ledger, members; it never sees a recording.",
               "consort-coordinator");
  app.set_version_flag("--version", coordinator::kSoftwareVersion);
  app.require_subcommand(1);
  app.footer(Footer("consort-coordinator init --directory /srv/consort --federation example.org"));

  coordinator::InitOptions init;
  CLI::App* init_command =
      app.add_subcommand("init", "Make keys, state and configuration of a new federation");
  init_command->add_option("--directory", init.directory, "New folder for all of it")->required();
  init_command->add_option("--federation", init.federation, "Name, fixed for ever, like a DNS name")
      ->required();
  init_command->add_option("--project", init.project, "Name of the ledger's project, fixed for ever")
      ->capture_default_str();
  init_command->add_option("--listen", init.listen, "HOST:PORT to listen on")->capture_default_str();
  init_command->add_option("--advertise", init.advertise,
                           "HOST:PORT under which members reach it (default: listen)");
  init_command->add_option("--operator", init.first_operator, "Name of the first operator")
      ->capture_default_str();
  init_command->add_option("--trainer", init.trainer_program,
                           "consort-trainer program (default: beside this program)");
  init_command->footer(Footer("consort-coordinator init --directory /srv/consort --federation example.org"));

  coordinator::RunOptions run;
  CLI::App* run_command = app.add_subcommand("run", "Run the coordinator until SIGTERM");
  run_command->add_option("--config", run.config, "coordinator.toml")->required();
  run_command->add_flag("--check-config", run.check_config, "Check the configuration and end");
  run_command->add_flag("--unsafe-no-sandbox", run.unsafe_no_sandbox, "Run where the kernel has no Landlock");
  run_command->footer(Footer("consort-coordinator run --config /srv/consort/coordinator.toml"));

  std::string backup_config;
  std::string backup_to;
  CLI::App* backup_command =
      app.add_subcommand("backup", "Copy a coordinator, running or not, and verify the copy");
  backup_command->add_option("directory", backup_to, "New folder for the copy")->required();
  backup_command->add_option("--config", backup_config, "coordinator.toml")->required();
  backup_command->footer(
      Footer("consort-coordinator backup /backup/monday --config /srv/consort/coordinator.toml"));

  std::string restore_from;
  std::string restore_to;
  CLI::App* restore_command = app.add_subcommand("restore", "Make a coordinator from a backup and verify it");
  restore_command->add_option("directory", restore_from, "The backup")->required();
  restore_command->add_option("--to", restore_to, "New folder for the coordinator")->required();
  coordinator::RestoreOptions restore;
  restore_command->add_option("--from-mirror", restore.mirrors,
                              "An archive's mirror of the ledger; repeat it for others");
  restore_command->add_flag("--yes", restore.really,
                            "With --from-mirror: do it; without it nothing is changed");
  restore_command->footer(Footer(
      "consort-coordinator restore /backup/monday --to /srv/consort --from-mirror /media/usb/mirror --yes"));

  CLI::App* keys_command = app.add_subcommand("keys", "The coordinator's own keys; it must be stopped");
  keys_command->require_subcommand(1);
  coordinator::KeysOptions keys;
  const auto keys_verb = [&](const std::string& verb, const std::string& help, const std::string& example) {
    CLI::App* command = keys_command->add_subcommand(verb, help);
    command->add_option("--config", keys.config, "coordinator.toml")->required();
    command->footer(
        Footer("consort-coordinator keys " + example + " --config /srv/consort/coordinator.toml"));
    return command;
  };
  const auto asking_first = [&](CLI::App* command) {
    command->add_flag("--yes", keys.really, "Do it; without it nothing is changed");
    return command;
  };
  CLI::App* keys_list = keys_verb("list", "Show which key signs what, and from when until when", "list");
  CLI::App* keys_rotate =
      asking_first(keys_verb("rotate", "Replace the log key or the entry key by a new one", "rotate log"));
  keys_rotate->add_option("purpose", keys.purpose, "log or entries")->required();
  CLI::App* keys_retire = asking_first(
      keys_verb("retire", "End the overlap of two log keys: the older one is revoked", "retire log"));
  keys_retire->add_option("purpose", keys.purpose, "log")->required();
  CLI::App* keys_encrypt =
      asking_first(keys_verb("encrypt", "Encrypt the keys with the passphrase of [keys]", "encrypt"));

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  if (*init_command) return ExitWith(coordinator::RunInit(init));
  if (*run_command) return ExitWith(coordinator::RunCoordinator(run));
  if (*backup_command) return ExitWith(coordinator::RunBackup(backup_config, backup_to));
  if (*keys_list) return ExitWith(coordinator::RunKeysList(keys.config));
  if (*keys_rotate) return ExitWith(coordinator::RunKeysRotate(keys));
  if (*keys_retire) return ExitWith(coordinator::RunKeysRetire(keys));
  if (*keys_encrypt) return ExitWith(coordinator::RunKeysEncrypt(keys));
  if (!restore.mirrors.empty()) {
    restore.backup = restore_from;
    restore.destination = restore_to;
    return ExitWith(coordinator::RunRestoreFromMirror(restore));
  }
  return ExitWith(coordinator::RunRestore(restore_from, restore_to));
}
