#include "node/trainer/app/trainer_config.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

// Whether `path` is `folder` or lies somewhere below it, links followed as far as they exist.
bool LiesWithin(const std::string& path, const std::string& folder) {
  std::error_code failed;
  const auto inner = std::filesystem::weakly_canonical(path, failed);
  if (failed) return false;
  const auto outer = std::filesystem::weakly_canonical(folder, failed);
  if (failed) return false;
  const auto relative = inner.lexically_relative(outer);
  return !relative.empty() && *relative.begin() != "..";
}

// The sandbox lets the trainer write below these folders, and recordings are never to be written.
absl::Status RefuseWritableRecordings(const ConfigDocument& document, const EngineConfig& engine) {
  if (engine.recordings_directory.empty()) return absl::OkStatus();
  for (const std::string& writable : {engine.state_directory, engine.listening_directory}) {
    if (!writable.empty() && LiesWithin(engine.recordings_directory, writable)) {
      return document.Refuse(
          "collection", "recordings",
          "lies in a folder that the trainer writes; keep state and listening files elsewhere");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadCollection(ConfigDocument& document, EngineConfig& engine) {
  if (!document.HasSection("collection")) return absl::OkStatus();
  ASSIGN_OR_RETURN(engine.recordings_directory, document.String("collection", "recordings"));
  ASSIGN_OR_RETURN(engine.consent, document.String("collection", "consent", ""));
  ASSIGN_OR_RETURN(engine.traditions, document.Table("collection", "traditions"));
  ASSIGN_OR_RETURN(engine.max_recording_seconds,
                   document.Real("collection", "max_recording_seconds", 8 * 3600.0, {1.0, 24 * 3600.0}, "s"));
  return absl::OkStatus();
}

// Every one is allowed unless the archive's staff write down which are.
absl::Status ReadAugmentations(ConfigDocument& document, AugmentationTerms& allowed) {
  const std::vector<std::pair<std::string, bool AugmentationTerms::*>> known = {
      {"gain", &AugmentationTerms::gain},
      {"all-pass", &AugmentationTerms::all_pass},
      {"mute", &AugmentationTerms::mute},
      {"resample", &AugmentationTerms::resample},
      {"noise-floor", &AugmentationTerms::noise_floor},
      {"dequantise", &AugmentationTerms::dequantise}};
  std::vector<std::string> every;
  for (const auto& [name, unused] : known) every.push_back(name);
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   document.Strings("training", "augmentations", every));
  allowed = AugmentationTerms();
  for (const std::string& name : names) {
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.first == name; });
    if (found == known.end()) {
      return document.Refuse("training", "augmentations",
                             absl::StrCat("\"", name, "\" is none of ", absl::StrJoin(every, ", ")));
    }
    allowed.*(found->second) = true;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrainerConfig> ReadTrainerConfig(const std::string& path, const Environment& environment) {
  ASSIGN_OR_RETURN(ConfigDocument document, ConfigDocument::Read(path, environment));
  TrainerConfig config;
  RETURN_IF_ERROR(ReadCollection(document, config.engine));
  ASSIGN_OR_RETURN(config.engine.state_directory, document.String("state", "directory"));
  ASSIGN_OR_RETURN(config.engine.listening_directory, document.String("listening", "directory", ""));
  ASSIGN_OR_RETURN(const int64_t threads, document.Integer("training", "threads", 0, {0, 1024}, "threads"));
  config.engine.threads = static_cast<int>(threads);
  RETURN_IF_ERROR(ReadAugmentations(document, config.engine.augmentations));
  ASSIGN_OR_RETURN(config.log_level, document.String("log", "level", "info"));
  RETURN_IF_ERROR(document.RefuseUnknown());
  RETURN_IF_ERROR(RefuseWritableRecordings(document, config.engine));
  return config;
}

}  // namespace consort::trainer
