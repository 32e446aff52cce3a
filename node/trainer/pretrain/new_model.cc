#include "node/trainer/pretrain/new_model.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/artifact/durable_file.h"
#include "common/random/seeded_random.h"
#include "common/status/exit_code.h"
#include "common/status/macros.h"
#include "node/trainer/families/registry.h"

namespace consort::trainer {
namespace {

struct Options {
  std::string architecture;
  std::string output;
  std::vector<std::string> traditions;
  int components = 0;
  uint64_t seed = 1;
};

absl::Status WriteNewModel(Options options) {
  ASSIGN_OR_RETURN(const Family* const family, FindFamily(options.architecture));
  std::sort(options.traditions.begin(), options.traditions.end());
  FamilyTerms terms;
  terms.model = family->facts().defaults;
  if (options.components > 0) terms.model.components = options.components;
  terms.traditions = std::move(options.traditions);
  terms.seed = SeedFrom({"consort.new-model.v1", std::to_string(options.seed)});
  RETURN_IF_ERROR(family->Check(terms));
  ASSIGN_OR_RETURN(const auto model, family->Load(terms, /*round=*/1, /*base=*/{}, /*state=*/{}));
  ASSIGN_OR_RETURN(const std::string bytes, model->Export({{"consort.architecture", options.architecture}}));
  RETURN_IF_ERROR(WriteFileDurably(options.output, bytes));
  ASSIGN_OR_RETURN(const std::string description, model->Describe());
  absl::FPrintF(stderr, "%s: %d bytes, untrained\n", options.output, bytes.size());
  absl::PrintF("%s\n", description);
  return absl::OkStatus();
}

void Declare(CLI::App& app, Options& options) {
  app.add_option("--architecture", options.architecture,
                 absl::StrCat("one of ", CLI::detail::join(FamilyNames(), ", ")))
      ->required();
  app.add_option("--output", options.output, "safetensors file to write")->required();
  app.add_option("--tradition", options.traditions,
                 "a tradition that the model is to tell apart; once for each (families that classify)");
  app.add_option("--components", options.components, "of a mixture, for each tradition; 0: the family's own")
      ->check(CLI::Range(0, 64));
  app.add_option("--seed", options.seed, "draws the weights")->capture_default_str();
  app.footer(absl::StrCat(
      "Prints what the model is, as JSON. Store it with `consort artifact put`.\n"
      "Example: consort-trainer new-model --architecture rave-v2-small --output base.safetensors\n"
      "Example: consort-trainer new-model --architecture descriptor-mixture --tradition jiangnan "
      "--tradition huabei --output base.safetensors\n",
      ExitCodeHelp()));
}

}  // namespace

int NewModelMain(int argc, char** argv) {
  Options options;
  CLI::App app("Writes an untrained model that a job can start from.", "consort-trainer new-model");
  Declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::kOk) : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = WriteNewModel(std::move(options));
  if (!status.ok()) absl::FPrintF(stderr, "consort-trainer new-model: %s\n", status.message());
  return static_cast<int>(ExitCodeOf(status));
}

}  // namespace consort::trainer
