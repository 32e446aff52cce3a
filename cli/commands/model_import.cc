// consort model import FILE OUT --architecture NAME
#include "common/state_dict/model_import.h"

#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/commands.h"
#include "cli/model_file.h"
#include "common/architectures/layouts.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/safetensors.h"
#include "common/messages/message_catalogue.h"
#include "common/state_dict/state_dict.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string file;
  std::string out;
  std::string architecture;
  std::string fill_from;
};

// "56 matched, 2 extra", in the order in which they first appear.
std::string Counts(const ImportedModel& model) {
  std::map<ImportOutcome, int> counts;
  for (const ImportLine& line : model.lines) ++counts[line.outcome];
  std::vector<std::string> words;
  for (const auto& [outcome, count] : counts) words.push_back(absl::StrCat(count, " ", OutcomeWord(outcome)));
  return absl::StrJoin(words, ", ");
}

void PrintReport(const ImportedModel& model, const Printer& printer) {
  Json rows = Json::array();
  for (const ImportLine& line : model.lines) {
    rows.push_back({{"tensor", line.tensor},
                    {"outcome", std::string(OutcomeWord(line.outcome))},
                    {"detail", line.detail}});
  }
  printer.List({"tensor", "outcome", "detail"}, rows);
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const std::vector<NamedTensor> layout, LayoutOf(options.architecture));
  ASSIGN_OR_RETURN(const std::string file, ReadModelFile(options.file));
  std::string base;
  if (!options.fill_from.empty()) {
    ASSIGN_OR_RETURN(base, ReadModelFile(options.fill_from));
  }
  ASSIGN_OR_RETURN(const std::vector<StoredTensor> tensors, ReadStateDict(file));
  ASSIGN_OR_RETURN(const ImportedModel model, ImportModel(tensors, layout, options.architecture, base));
  PrintReport(model, context.printer());
  if (!model.complete()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "wrong-architecture: nothing was written, because the file is not a whole ", options.architecture,
        "; --fill-from takes what is missing from a base model: ", Counts(model)));
  }
  RETURN_IF_ERROR(WriteFileDurably(options.out, model.file));
  context.printer().Note(Message("cli.model.imported", {{"path", options.out}, {"counts", Counts(model)}}));
  return ExitCode::kOk;
}

}  // namespace

void AddModelImport(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("model", "import",
                   "Turn another program's model into one of ours, and say what became of each tensor. Reads "
                   "safetensors and\n"
                   "what torch.save wrote of a state dict since PyTorch 1.6, whose pickle is never run. "
                   "Weight norm is folded,\n"
                   "half and double precision become float32. Writes nothing unless every tensor was found.",
                   "consort model import checkpoint.ckpt model.safetensors --architecture rave-v2",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("file", options->file, "The model: .safetensors, .pt, .pth, .bin or .ckpt");
  syntax.Positional("out", options->out, "Where to write it, as safetensors");
  syntax.RequiredOption("--architecture", options->architecture, "What it is a model of", LayoutNames());
  syntax.Option("--fill-from", options->fill_from, "Take what the file lacks from this base model");
}

}  // namespace consort::cli
