#include "node/trainer/app/resynthesise_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/artifact/durable_file.h"
#include "common/status/exit_code.h"
#include "common/status/macros.h"
#include "node/trainer/app/example_files.h"
#include "node/trainer/audio/wav_file.h"
#include "node/trainer/families/descriptor_mixture.h"

namespace consort::trainer {
namespace {

struct Options {
  std::string model, examples, like, tradition, output;
  double seconds = 30;
  uint64_t seed = 1;
  bool force = false;
};

absl::Status CheckOutput(const Options& options) {
  std::error_code unknown;
  if (options.force || !std::filesystem::exists(options.output, unknown)) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat("the output is there already; name another or add --force: ", options.output));
}

absl::StatusOr<std::vector<float>> Say(FamilyModel& model, const Options& options) {
  if (!options.tradition.empty()) return model.Generate(options.seconds, options.seed);
  ASSIGN_OR_RETURN(const std::vector<float> audio, ReadSound(options.like));
  return model.Reconstruct(audio);
}

absl::Status Resynthesise(const Options& options) {
  RETURN_IF_ERROR(CheckOutput(options));
  ASSIGN_OR_RETURN(MixtureState state, ReadMixture(options.model));
  RETURN_IF_ERROR(KnownMixture(state, options.tradition).status());
  ASSIGN_OR_RETURN(const Examples examples, ReadExamples(options.examples, options.like));
  ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> model,
                   MixtureWithExamples(std::move(state), examples.library, options.tradition));
  ASSIGN_OR_RETURN(const std::vector<float> audio, Say(*model, options));
  RETURN_IF_ERROR(WriteFileDurably(options.output, WavBytes(audio, kExampleRateHz)));
  absl::FPrintF(stderr, "%s: %.1f s from %d examples\n", options.output,
                static_cast<double>(audio.size()) / kExampleRateHz, examples.names.size());
  return absl::OkStatus();
}

void Declare(CLI::App& app, Options& options) {
  app.add_option("--model", options.model, "state of a descriptor-mixture, safetensors")->required();
  app.add_option("--examples", options.examples, "folder of recordings that the archive has released")
      ->required();
  auto* what = app.add_option_group("what to follow", "one of them");
  auto* like = what->add_option("--like", options.like,
                                "a recording, second by second; if it is among the examples it is left out");
  what->add_option("--tradition", options.tradition, "a walk drawn from this tradition's mixture");
  what->require_option(1);
  app.add_option("--seconds", options.seconds, "length of the walk")
      ->check(CLI::Range(1.0, 3600.0))
      ->excludes(like)
      ->capture_default_str();
  app.add_option("--seed", options.seed, "draws the walk; the same seed gives the same sound")
      ->excludes(like)
      ->capture_default_str();
  app.add_option("--output", options.output, "WAV file to write, 16 bit, mono")->required();
  app.add_flag("--force", options.force, "replace the output if it is there");
  app.footer(absl::StrCat(
      "The output holds pieces of the examples: give it to those only who may hear them.\n"
      "Reads and writes files of this machine and sends nothing.\n"
      "Example: consort-trainer resynthesise --model mixture.safetensors --examples /srv/released \\\n"
      "  --like tune.flac --output again.wav\n"
      "Example: consort-trainer resynthesise --model mixture.safetensors --examples /srv/released \\\n"
      "  --tradition uk-folk --seconds 60 --seed 7 --output walk.wav\n",
      ExitCodeHelp()));
}

}  // namespace

int ResynthesiseMain(int argc, char** argv) {
  Options options;
  CLI::App app("Puts seconds of released examples together into new sound.", "consort-trainer resynthesise");
  Declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::kOk) : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = Resynthesise(options);
  if (!status.ok()) absl::FPrintF(stderr, "consort-trainer resynthesise: %s\n", status.message());
  return static_cast<int>(ExitCodeOf(status));
}

}  // namespace consort::trainer
