// consort model export-adapter STATE DIRECTORY, consort model import-adapter DIRECTORY STATE
#include <sys/stat.h>

#include <cerrno>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/model_file.h"
#include "common/adapters/peft_adapter.h"
#include "common/architectures/layouts.h"
#include "common/artifact/durable_file.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string state;
  std::string directory;
  std::string architecture;
  std::string alpha;
  std::string base_model;
};

std::string PathOf(const Options& options, absl::string_view file) {
  return absl::StrCat(options.directory, "/", file);
}

absl::StatusOr<ExitCode> Export(const Options& options, CommandContext& context) {
  double alpha = 0;
  if (!absl::SimpleAtod(options.alpha, &alpha)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--alpha must be the job's adapter_alpha, a number: ", options.alpha));
  }
  ASSIGN_OR_RETURN(const std::vector<NamedTensor> layout, LayoutOf(options.architecture));
  ASSIGN_OR_RETURN(const std::string state, ReadModelFile(options.state));
  const std::string& base_model = options.base_model.empty() ? options.architecture : options.base_model;
  ASSIGN_OR_RETURN(const PeftAdapter adapter, ToPeft(state, alpha, layout, base_model));
  if (mkdir(options.directory.c_str(), 0777) != 0 && errno != EEXIST) {
    return StatusOfErrno(errno, absl::StrCat("making the folder ", options.directory));
  }
  RETURN_IF_ERROR(WriteFileDurably(PathOf(options, kPeftModelFile), adapter.model));
  RETURN_IF_ERROR(WriteFileDurably(PathOf(options, kPeftConfigFile), adapter.config));
  context.printer().Note(Message("cli.model.pulled", {{"path", options.directory}}));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Import(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const std::vector<NamedTensor> layout, LayoutOf(options.architecture));
  PeftAdapter adapter;
  ASSIGN_OR_RETURN(adapter.model, ReadModelFile(PathOf(options, kPeftModelFile)));
  ASSIGN_OR_RETURN(adapter.config, ReadModelFile(PathOf(options, kPeftConfigFile)));
  ASSIGN_OR_RETURN(const AdapterState state, FromPeft(adapter, layout));
  RETURN_IF_ERROR(WriteFileDurably(options.state, state.file));
  context.printer().Note(Message("cli.model.pulled", {{"path", options.state}}));
  context.printer().Record(
      {{"file", options.state}, {"adapter_rank", state.rank}, {"adapter_alpha", state.alpha}});
  return ExitCode::kOk;
}

}  // namespace

void AddModelAdapter(CommandSet& commands) {
  auto out = std::make_shared<Options>();
  CommandSyntax exporting =
      commands.Add("model", "export-adapter",
                   "Write a job's adapters as PEFT has them: adapter_model.safetensors and "
                   "adapter_config.json. PEFT itself\n"
                   "loads those of plain convolutions and linear layers only (docs/formats/adapters.md)",
                   "consort model export-adapter state.safetensors adapter --architecture rave-v2 --alpha 8",
                   [out](CommandContext& context) { return Export(*out, context); });
  exporting.Positional("state", out->state, "A state of a job that trains adapters (consort artifact get)");
  exporting.Positional("directory", out->directory, "Folder for the two files; made if need be");
  exporting.RequiredOption("--architecture", out->architecture, "The job's architecture", LayoutNames());
  exporting.RequiredOption("--alpha", out->alpha, "The job's adapter_alpha");
  exporting.Option("--base-model", out->base_model, "Name or path of the base model for the config");

  auto in = std::make_shared<Options>();
  CommandSyntax importing =
      commands.Add("model", "import-adapter", "Read adapters in PEFT's form into a job's state",
                   "consort model import-adapter adapter state.safetensors --architecture rave-v2",
                   [in](CommandContext& context) { return Import(*in, context); });
  importing.Positional("directory", in->directory,
                       "Folder with adapter_model.safetensors and adapter_config.json");
  importing.Positional("state", in->state, "Where to write the state");
  importing.RequiredOption("--architecture", in->architecture, "What the adapters are for", LayoutNames());
}

}  // namespace consort::cli
