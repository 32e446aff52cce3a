#include "node/trainer/app/export_personal.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/artifact/durable_file.h"
#include "common/status/exit_code.h"
#include "common/status/macros.h"
#include "node/trainer/engine/personal_export.h"

namespace consort::trainer {
namespace {

struct Options {
  std::string state;
  std::string job;
  std::string base;
  std::string output;
  bool list = false;
};

void Print(const std::vector<PersonalCopy>& copies) {
  if (copies.empty()) absl::FPrintF(stderr, "There are no copies here: no job has asked for any yet.\n");
  for (const PersonalCopy& copy : copies) {
    absl::PrintF("job %s  round %u  %s  \"%s\"\n  base model %s\n", copy.job_digest, copy.round,
                 copy.spec.architecture(), copy.spec.name(), copy.spec.base_model_digest());
  }
}

// The one whose digest begins as asked; the only one where nothing is asked.
absl::StatusOr<PersonalCopy> Choose(const std::vector<PersonalCopy>& copies, const std::string& job) {
  std::vector<PersonalCopy> fitting;
  std::copy_if(copies.begin(), copies.end(), std::back_inserter(fitting),
               [&job](const PersonalCopy& copy) { return absl::StartsWith(copy.job_digest, job); });
  if (fitting.empty()) return absl::NotFoundError("no copy of such a job; --list shows those that there are");
  if (fitting.size() == 1) return fitting.front();
  return absl::InvalidArgumentError(absl::StrCat("there are copies of ", fitting.size(),
                                                 " jobs; choose one with --job, --list shows them"));
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return absl::NotFoundError(absl::StrCat("the base model cannot be read: ", path));
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

absl::Status Export(const Options& options) {
  ASSIGN_OR_RETURN(const std::vector<PersonalCopy> copies, FindPersonalCopies(options.state));
  if (options.list) {
    Print(copies);
    return absl::OkStatus();
  }
  if (options.base.empty() || options.output.empty()) {
    return absl::InvalidArgumentError("--base and --output are needed, or --list");
  }
  if (std::filesystem::exists(options.output)) {
    return absl::AlreadyExistsError(
        absl::StrCat("the output is there already and is not overwritten; name another: ", options.output));
  }
  ASSIGN_OR_RETURN(const PersonalCopy copy, Choose(copies, options.job));
  ASSIGN_OR_RETURN(const std::string base, ReadWhole(options.base));
  ASSIGN_OR_RETURN(const std::string merged, MergePersonalCopy(copy, base));
  RETURN_IF_ERROR(WriteFileDurably(options.output, merged));
  absl::FPrintF(stderr, "%s: %d bytes, this archive's own copy after round %u of \"%s\"\n", options.output,
                merged.size(), copy.round, copy.spec.name());
  return absl::OkStatus();
}

void Declare(CLI::App& app, Options& options) {
  app.add_option("--state", options.state, "the trainer's state folder: [state] directory of trainer.toml")
      ->required();
  app.add_flag("--list", options.list,
               "print the copies that there are, and the digests of their base models");
  app.add_option("--job", options.job,
                 "digest of the job, or how it begins; not needed where there is one job");
  app.add_option("--base", options.base, "the job's base model, safetensors");
  app.add_option("--output", options.output, "file to write; one that is there is not overwritten");
  app.footer(
      absl::StrCat("The copy was trained on this archive's recordings and has never left it. Think "
                   "before you hand it "
                   "on:\na model can tell something of the recordings behind it.\n"
                   "Example: consort-trainer export-personal --state /var/lib/consort/trainer/state --list\n"
                   "Example: consort-trainer export-personal --state /var/lib/consort/trainer/state --base "
                   "base.safetensors "
                   "--output ours.safetensors\n",
                   ExitCodeHelp()));
}

}  // namespace

int ExportPersonalMain(int argc, char** argv) {
  Options options;
  CLI::App app("Writes this archive's own copy of a job's model, whole, as safetensors. Works offline.",
               "consort-trainer export-personal");
  Declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::kOk) : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = Export(options);
  if (!status.ok()) absl::FPrintF(stderr, "consort-trainer export-personal: %s\n", status.message());
  return static_cast<int>(ExitCodeOf(status));
}

}  // namespace consort::trainer
