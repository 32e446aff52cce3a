#include "node/trainer/pretrain/describe_model.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/artifact/durable_file.h"
#include "common/status/exit_code.h"
#include "common/status/macros.h"
#include "node/trainer/families/registry.h"

namespace consort::trainer {
namespace {

struct Options {
  std::string model;
  std::string architecture;
  std::string base;
  int adapter_rank = 0;
  double adapter_alpha = 0;
  std::vector<std::string> frozen;
  std::vector<std::string> traditions;
  int components = 0;
  std::string output;
};

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (stream) return bytes;
  return absl::NotFoundError(absl::StrCat("the file cannot be read: ", path));
}

FamilyTerms TermsOf(const Options& options, const Family& family) {
  FamilyTerms terms;
  terms.model = family.facts().defaults;
  if (options.components > 0) terms.model.components = options.components;
  terms.traditions = options.traditions;
  std::sort(terms.traditions.begin(), terms.traditions.end());
  terms.adaptation.rank = options.adapter_rank;
  terms.adaptation.alpha = options.adapter_alpha > 0 ? options.adapter_alpha : options.adapter_rank;
  terms.adaptation.frozen = options.frozen;
  return terms;
}

absl::Status DescribeModel(const Options& options) {
  if (options.base.empty() && (options.adapter_rank > 0 || !options.frozen.empty())) {
    return absl::InvalidArgumentError(
        "the state of adapters, or of a job that froze tensors, is not a whole model; name what the job "
        "started from with --base");
  }
  ASSIGN_OR_RETURN(const Family* const family, FindFamily(options.architecture));
  ASSIGN_OR_RETURN(const std::string file, ReadFile(options.model));
  std::string base;
  if (!options.base.empty()) {
    ASSIGN_OR_RETURN(base, ReadFile(options.base));
  }
  const FamilyTerms terms = TermsOf(options, *family);
  RETURN_IF_ERROR(family->Check(terms));
  ASSIGN_OR_RETURN(const auto model, base.empty() ? family->Load(terms, /*round=*/1, file, /*state=*/{})
                                                  : family->Load(terms, /*round=*/1, base, file));
  if (!options.output.empty()) {
    ASSIGN_OR_RETURN(const std::string whole,
                     model->Export({{"consort.architecture", options.architecture}}));
    RETURN_IF_ERROR(WriteFileDurably(options.output, whole));
  }
  ASSIGN_OR_RETURN(const std::string description, model->Describe());
  absl::PrintF("%s\n", description);
  return absl::OkStatus();
}

void Declare(CLI::App& app, Options& options) {
  app.add_option("model", options.model, "safetensors file, as `consort model pull` writes it")->required();
  app.add_option("--architecture", options.architecture,
                 absl::StrCat("one of ", CLI::detail::join(FamilyNames(), ", ")))
      ->required();
  app.add_option("--base", options.base,
                 "the job's base model, where the file is not a whole model: adapters, frozen tensors");
  app.add_option("--adapter-rank", options.adapter_rank, "of adapters, as in the job file")
      ->check(CLI::Range(0, 64));
  app.add_option("--adapter-alpha", options.adapter_alpha, "of adapters; 0: the rank")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--frozen", options.frozen, "tensors that the job froze; once for each pattern");
  app.add_option("--tradition", options.traditions, "of the job; once for each (families that classify)");
  app.add_option("--components", options.components, "of a mixture, for each tradition; 0: the family's own")
      ->check(CLI::Range(0, 64));
  app.add_option("--output", options.output,
                 "also write the whole model, adapters merged in, with what is known of its latents");
  app.footer(absl::StrCat(
      "Prints JSON. `latents` is there if a job has analysed them: `directions` of them explain 95 % of "
      "what they do, and `dials` is the power of two that is not below it.\n"
      "Example: consort-trainer describe-model model.safetensors --architecture rave-tiny --output "
      "whole.safetensors\n",
      ExitCodeHelp()));
}

}  // namespace

int DescribeModelMain(int argc, char** argv) {
  Options options;
  CLI::App app("Says what a model is and what its latents are like.", "consort-trainer describe-model");
  Declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::kOk) : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = DescribeModel(options);
  if (!status.ok())
    absl::FPrintF(stderr, "consort-trainer describe-model: %s\n", std::string(status.message()));
  return static_cast<int>(ExitCodeOf(status));
}

}  // namespace consort::trainer
