#include "node/app/trainer_file.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/app/node_config.h"

namespace consort::node {

absl::StatusOr<std::string> FormatTrainerFile(const TrainerFile& file) {
  ASSIGN_OR_RETURN(const std::string recordings, TomlString(file.recordings_directory));
  ASSIGN_OR_RETURN(const std::string state, TomlString(file.state_directory));
  ASSIGN_OR_RETURN(const std::string listening, TomlString(file.listening_directory));
  std::string traditions;
  for (const auto& [folder, name] : file.traditions) {
    ASSIGN_OR_RETURN(const std::string key, TomlString(folder));
    ASSIGN_OR_RETURN(const std::string value, TomlString(name));
    absl::StrAppend(&traditions, key, " = ", value, "\n");
  }
  return absl::StrCat(
      "# The archive's trainer: the only program that opens recordings. The daemon cannot read this file.\n"
      "[collection]\nrecordings = ",
      recordings,
      "\n# The operator's declaration that the archive may lawfully use every recording in the folder for "
      "the\n"
      "# purposes in node.toml. Without this line no recording is used.\n",
      file.consent_declared ? "" : "# ", "consent = \"", kDeclaredByOperator,
      "\"\n\n"
      "# Subfolder = the tradition's name as published; others are called by their folder.\n"
      "[collection.traditions]\n",
      traditions, "\n[state]\ndirectory = ", state,
      "\n\n# Original, before and after, for staff only.\n[listening]\ndirectory = ", listening,
      "\n\n[training]\nthreads = 0  # 0 = all cores\n"
      "# What a job may do to windows of sound before it learns from them; an empty list forbids "
      "everything.\n"
      "augmentations = [\"gain\", \"all-pass\", \"mute\", \"resample\", \"noise-floor\", "
      "\"dequantise\"]\n\n[log]\nlevel = \"info\"\n");
}

}  // namespace consort::node
