// consort-trainer: trains and evaluates on recordings that never leave this process's machine.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/logging/json_log.h"
#include "common/status/exit_code.h"
#include "node/trainer/app/export_personal.h"
#include "node/trainer/app/resynthesise_command.h"
#include "node/trainer/app/retrieve_command.h"
#include "node/trainer/app/run_trainer.h"
#include "node/trainer/app/single_thread_start.h"
#include "node/trainer/app/trainer_config.h"
#include "node/trainer/pretrain/describe_model.h"
#include "node/trainer/pretrain/new_model.h"
#include "node/trainer/pretrain/pretrain.h"

namespace consort::trainer {
namespace {

struct Flags {
  std::string config;
  int socket_fd = 3;
  bool check_config = false;
  bool unsafe_no_sandbox = false;
};

int Exit(const absl::Status& status) {
  if (!status.ok()) fprintf(stderr, "consort-trainer: %s\n", std::string(status.message()).c_str());
  return static_cast<int>(ExitCodeOf(status));
}

int Run(const Flags& flags, char** argv) {
  if (!flags.check_config && !flags.unsafe_no_sandbox) {
    if (absl::Status alone = EnsureSingleThread(argv); !alone.ok()) return Exit(alone);
  }
  const auto config = ReadTrainerConfig(flags.config, ProcessEnvironment());
  if (!config.ok()) return Exit(config.status());
  if (absl::Status logging = StartJsonLog("consort-trainer", config->log_level); !logging.ok())
    return Exit(logging);
  if (flags.check_config) return Exit(absl::OkStatus());
  return Exit(RunTrainer(*config, flags.socket_fd, flags.unsafe_no_sandbox));
}

void Declare(CLI::App& app, Flags& flags) {
  app.add_option("--config", flags.config, "trainer.toml")->required();
  app.add_option("--socket-fd", flags.socket_fd, "descriptor of the inherited listening socket")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  app.add_flag("--check-config", flags.check_config,
               "read the configuration, say what is wrong with it, end");
  app.add_flag("--unsafe-no-sandbox", flags.unsafe_no_sandbox,
               "run on a kernel that cannot keep recordings and network apart");
  app.footer(absl::StrCat(
      "Started by consort-node, consort-coordinator or systemd. `consort-trainer pretrain --help`: "
      "makes a base model; `consort-trainer new-model --help`: an untrained one; `consort-trainer "
      "describe-model "
      "--help` says what one is. For an archive's staff: "
      "`consort-trainer export-personal --help`: this archive's own copy of a job's model; `consort-trainer "
      "retrieve --help` finds seconds of released examples that sound alike; `consort-trainer resynthesise "
      "--help` puts such seconds together.\nExample: consort-trainer --config trainer.toml --check-config\n",
      ExitCodeHelp()));
}

}  // namespace
}  // namespace consort::trainer

int main(int argc, char** argv) {
  using consort::trainer::Flags;
  const std::map<std::string, int (*)(int, char**)> commands = {
      {"describe-model", consort::trainer::DescribeModelMain},
      {"export-personal", consort::trainer::ExportPersonalMain},
      {"new-model", consort::trainer::NewModelMain},
      {"pretrain", consort::trainer::PretrainMain},
      {"resynthesise", consort::trainer::ResynthesiseMain},
      {"retrieve", consort::trainer::RetrieveMain},
  };
  const auto command = commands.find(argc > 1 ? argv[1] : "");
  if (command != commands.end()) return command->second(argc - 1, argv + 1);
  Flags flags;
  CLI::App app("Trains and evaluates on recordings that stay on this machine.", "consort-trainer");
  consort::trainer::Declare(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(consort::ExitCode::kUsage);
  }
  return consort::trainer::Run(flags, argv);
}
