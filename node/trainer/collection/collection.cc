#include "node/trainer/collection/collection.h"

#include <sys/stat.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/ledger/utf8.h"
#include "common/status/macros.h"
#include "node/trainer/audio/audio_file.h"
#include "node/trainer/audio/excerpt.h"
#include "node/trainer/audio/survey.h"

namespace consort::trainer {
namespace {

namespace fs = std::filesystem;

// A survey may take hours; what it learned is kept after so many files.
constexpr int kFilesBetweenSaves = 64;

std::string StatePath(const CollectionConfig& config) {
  return (fs::path(config.state_directory) / "recordings.json").string();
}

std::string CodeOf(const absl::Status& status) {
  const absl::string_view message = status.message();
  return std::string(message.substr(0, message.find(':')));
}

}  // namespace

// One file of the folder.
struct Collection::Found {
  std::string path;
  std::string key;  // of CollectionState::files
  std::string tradition;
  uint64_t bytes = 0;
  int64_t modified_ns = 0;
};

Collection::Collection(CollectionConfig config, CollectionState state)
    : config_(std::move(config)),
      policy_(config_.consent),
      state_(std::move(state)),
      cache_(config_.sample_rate_hz) {}

absl::StatusOr<std::unique_ptr<Collection>> Collection::Open(const CollectionConfig& config) {
  ASSIGN_OR_RETURN(CollectionState state, CollectionState::Load(StatePath(config)));
  return std::unique_ptr<Collection>(new Collection(config, std::move(state)));
}

absl::Status Collection::Scan(const std::atomic<bool>& stop) {
  ASSIGN_OR_RETURN(const std::vector<Found> files, ListFiles());
  recordings_.clear();
  problems_.clear();
  if (const absl::Status consent = policy_.AllowsSurvey(); !consent.ok()) {
    for (size_t i = 0; i < files.size(); ++i) problems_.push_back({RandomId(), CodeOf(consent)});
    return absl::OkStatus();
  }
  std::map<std::string, KnownFile> remembered;
  std::swap(remembered, state_.files);
  int surveyed = 0;
  absl::Status status;
  for (const Found& found : files) {
    const auto known = remembered.find(found.key);
    if (known != remembered.end() && known->second.bytes == found.bytes &&
        known->second.modified_ns == found.modified_ns) {
      state_.files[found.key] = known->second;
      continue;
    }
    status = SurveyFile(found, stop);
    if (!status.ok()) break;
    if (++surveyed % kFilesBetweenSaves == 0) RETURN_IF_ERROR(state_.Save(StatePath(config_)));
  }
  if (!status.ok()) {
    state_.files.merge(remembered);
    RETURN_IF_ERROR(state_.Save(StatePath(config_)));
    return status;
  }
  AssignIdsAndSplits(files);
  RETURN_IF_ERROR(state_.Save(StatePath(config_)));
  Publish(files);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Collection::Found>> Collection::ListFiles() const {
  std::vector<Found> files;
  try {
    const fs::path root(config_.recordings_directory);
    // Errors inside the folder skip what they hide; the folder itself must be there.
    for (auto entry = fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied);
         entry != fs::recursive_directory_iterator(); ++entry) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with(".")) {
        entry.disable_recursion_pending();
        continue;
      }
      struct stat facts = {};
      if (!HasAudioExtension(name) || stat(entry->path().c_str(), &facts) != 0 || S_ISDIR(facts.st_mode))
        continue;
      const std::string relative = entry->path().lexically_relative(root).string();
      files.push_back({entry->path().string(), Sha256Hex(relative), TraditionOf(relative),
                       static_cast<uint64_t>(facts.st_size),
                       facts.st_mtim.tv_sec * int64_t{1000000000} + facts.st_mtim.tv_nsec});
    }
  } catch (const fs::filesystem_error& error) {
    return StatusOfErrno(error.code().value(),
                         "cannot list the recordings folder; check [collection] recordings");
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("cannot list the recordings folder: ", error.what()));
  }
  std::sort(files.begin(), files.end(), [](const Found& a, const Found& b) { return a.path < b.path; });
  return files;
}

std::string Collection::TraditionOf(const std::string& relative_path) const {
  const size_t slash = relative_path.find('/');
  const fs::path root = fs::path(config_.recordings_directory).lexically_normal();
  const std::string folder = slash != std::string::npos ? relative_path.substr(0, slash)
                             : root.has_filename()      ? root.filename().string()
                                                        : root.parent_path().filename().string();
  for (const auto& [subfolder, name] : config_.traditions) {
    if (subfolder == folder) return name;
  }
  return ledger::IsUtf8(folder) ? folder : absl::StrCat("folder-", Sha256Hex(folder).substr(0, 8));
}

absl::Status Collection::SurveyFile(const Found& found, const std::atomic<bool>& stop) {
  SurveyLimits limits;
  limits.max_seconds = config_.max_recording_seconds;
  absl::StatusOr<RecordingFacts> facts = SurveyRecording(found.path, limits, stop);
  if (!facts.ok() && !absl::IsInvalidArgument(facts.status())) return facts.status();
  KnownFile& file = state_.files[found.key];
  file.bytes = found.bytes;
  file.modified_ns = found.modified_ns;
  if (facts.ok()) {
    file.facts = *std::move(facts);
  } else {
    file.problem = CodeOf(facts.status());
    file.problem_id = RandomId();
  }
  return absl::OkStatus();
}

void Collection::AssignIdsAndSplits(const std::vector<Found>& files) {
  std::map<std::string, std::set<std::string>> newcomers;  // tradition -> audio digests
  std::set<std::string> seen;
  for (const Found& found : files) {
    const KnownFile& file = state_.files[found.key];
    if (!file.problem.empty()) continue;
    if (!seen.insert(file.facts.audio_digest).second) continue;
    const auto [recording, is_new] = state_.recordings.try_emplace(file.facts.audio_digest);
    recording->second.tradition = found.tradition;
    if (!is_new) continue;
    recording->second.id = RandomId();
    newcomers[found.tradition].insert(file.facts.audio_digest);
  }
  for (const auto& [tradition, digests] : newcomers) {
    int training = 0, holdout = 0;
    for (const auto& [audio, recording] : state_.recordings) {
      if (recording.tradition != tradition || digests.contains(audio)) continue;
      ++(recording.split == Split::kHoldout ? holdout : training);
    }
    for (const std::string& audio : ChooseHoldout({digests.begin(), digests.end()}, training, holdout)) {
      state_.recordings[audio].split = Split::kHoldout;
    }
  }
}

void Collection::Publish(const std::vector<Found>& files) {
  std::map<std::string, Recording> by_audio;
  for (const Found& found : files) {
    const KnownFile& file = state_.files[found.key];
    if (!file.problem.empty()) {
      problems_.push_back({file.problem_id, file.problem});
      continue;
    }
    const KnownRecording& known = state_.recordings[file.facts.audio_digest];
    by_audio.try_emplace(
        file.facts.audio_digest,
        Recording{known.id, found.path, found.tradition, known.split,
                  SamplesAtRate(file.facts.frames, file.facts.sample_rate_hz, config_.sample_rate_hz),
                  file.facts.seconds});
  }
  for (auto& [audio, recording] : by_audio) recordings_.push_back(std::move(recording));
}

absl::StatusOr<std::vector<float>> Collection::Read(const Recording& recording, absl::string_view purpose,
                                                    int64_t begin, int64_t samples) {
  RETURN_IF_ERROR(policy_.Allows(recording.id, purpose));
  return cache_.Read(recording.path, recording.samples, begin, samples);
}

}  // namespace consort::trainer
