#include "node/trainer/app/example_files.h"

#include <fcntl.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "node/trainer/audio/audio_file.h"
#include "node/trainer/audio/excerpt.h"

namespace consort::trainer {
namespace {

namespace fs = std::filesystem;

absl::Status In(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(status.message(), " (", path, ")"));
}

absl::StatusOr<std::vector<fs::path>> FindSounds(const std::string& folder, const std::string& left_out) {
  std::vector<fs::path> paths;
  try {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || !HasAudioExtension(entry.path().filename().string())) continue;
      std::error_code unlike;
      if (!left_out.empty() && fs::equivalent(entry.path(), left_out, unlike)) continue;
      paths.push_back(entry.path());
    }
  } catch (const std::exception& error) {
    return absl::NotFoundError(absl::StrCat("cannot list the examples; check --examples: ", error.what()));
  }
  std::sort(paths.begin(), paths.end());
  if (!paths.empty()) return paths;
  return absl::NotFoundError(absl::StrCat(
      "no recording among the examples; give a folder with WAV, FLAC, OGG or MP3 files: ", folder));
}

}  // namespace

absl::StatusOr<MixtureState> ReadMixture(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t size, SizeOfFile(file));
  std::string bytes(size, '\0');
  RETURN_IF_ERROR(ReadAt(file, 0, bytes.data(), bytes.size()).status());
  absl::StatusOr<MixtureState> state = MixtureState::ParseAny(bytes);
  if (!state.ok()) return In(path, state.status());
  return state;
}

absl::StatusOr<std::vector<float>> ReadSound(const std::string& path) {
  constexpr int64_t kMost = ExampleLibrary::kMostSeconds * kExampleRateHz;
  absl::StatusOr<std::vector<float>> audio = ReadExcerpt(path, kExampleRateHz, 0, kMost + 1);
  if (!audio.ok()) return In(path, audio.status());
  if (static_cast<int64_t>(audio->size()) <= kMost) return audio;
  return absl::ResourceExhaustedError(
      absl::StrCat("too-long: a recording may be ", ExampleLibrary::kMostSeconds, " s (", path, ")"));
}

absl::StatusOr<Examples> ReadExamples(const std::string& folder, const std::string& left_out) {
  ASSIGN_OR_RETURN(const std::vector<fs::path> paths, FindSounds(folder, left_out));
  auto library = std::make_shared<ExampleLibrary>(kExampleRateHz);
  Examples examples;
  for (const fs::path& path : paths) {
    ASSIGN_OR_RETURN(std::vector<float> audio, ReadSound(path.string()));
    const absl::StatusOr<size_t> added = library->Add(std::move(audio));
    if (!added.ok()) return In(path.string(), added.status());
    examples.names.push_back(path.lexically_relative(folder).string());
  }
  examples.library = std::move(library);
  return examples;
}

}  // namespace consort::trainer
