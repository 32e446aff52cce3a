#include "node/trainer/collection/collection_state.h"

#include <fcntl.h>

#include <exception>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

using nlohmann::json;

constexpr char kFormat[] = "consort.collection.v1";

json ToJson(const KnownRecording& recording) {
  return {{"id", recording.id},
          {"tradition", recording.tradition},
          {"split", std::string(SplitName(recording.split))}};
}

json ToJson(const KnownFile& file) {
  json members = {{"bytes", file.bytes}, {"modified_ns", file.modified_ns}};
  if (!file.problem.empty()) {
    members["problem"] = file.problem;
    members["problem_id"] = file.problem_id;
    return members;
  }
  members["audio"] = file.facts.audio_digest;
  members["frames"] = file.facts.frames;
  members["sample_rate_hz"] = file.facts.sample_rate_hz;
  members["loudness_lufs"] = file.facts.loudness_lufs;
  return members;
}

KnownRecording RecordingFrom(const json& members) {
  const std::string split = members.at("split");
  return {members.at("id"), members.at("tradition"),
          split == SplitName(Split::kHoldout) ? Split::kHoldout : Split::kTraining};
}

KnownFile FileFrom(const json& members) {
  KnownFile file;
  file.bytes = members.at("bytes");
  file.modified_ns = members.at("modified_ns");
  if (members.contains("problem")) {
    file.problem = members.at("problem");
    file.problem_id = members.at("problem_id");
    return file;
  }
  file.facts.audio_digest = members.at("audio");
  file.facts.frames = members.at("frames");
  file.facts.sample_rate_hz = members.at("sample_rate_hz");
  file.facts.loudness_lufs = members.at("loudness_lufs");
  file.facts.seconds = static_cast<double>(file.facts.frames) / file.facts.sample_rate_hz;
  return file;
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t bytes, SizeOfFile(file));
  std::string text(bytes, '\0');
  ASSIGN_OR_RETURN(const size_t got, ReadAt(file, 0, text.data(), text.size()));
  text.resize(got);
  return text;
}

absl::Status Damaged(absl::string_view why) {
  return absl::DataLossError(
      absl::StrCat("the trainer's record of its recordings is damaged; restore recordings.json from a "
                   "backup, or remove it to give "
                   "all recordings new ids and a new split: ",
                   why));
}

}  // namespace

absl::StatusOr<CollectionState> CollectionState::Load(const std::string& path) {
  absl::StatusOr<std::string> text = ReadWhole(path);
  if (absl::IsNotFound(text.status())) return CollectionState();
  if (!text.ok()) return text.status();
  try {
    const json document = json::parse(*text);
    if (document.at("format") != kFormat) return Damaged("unknown format");
    CollectionState state;
    for (const auto& [audio, members] : document.at("recordings").items()) {
      state.recordings[audio] = RecordingFrom(members);
    }
    for (const auto& [file, members] : document.at("files").items()) state.files[file] = FileFrom(members);
    return state;
  } catch (const std::exception& error) {
    return Damaged(error.what());
  }
}

absl::Status CollectionState::Save(const std::string& path) const {
  try {
    json document = {{"format", kFormat}, {"recordings", json::object()}, {"files", json::object()}};
    for (const auto& [audio, recording] : recordings) document["recordings"][audio] = ToJson(recording);
    for (const auto& [file, known] : files) document["files"][file] = ToJson(known);
    return WriteFileDurably(path, document.dump(1) + "\n");
  } catch (const std::exception& error) {
    return absl::InternalError(
        absl::StrCat("cannot write the trainer's record of its recordings: ", error.what()));
  }
}

}  // namespace consort::trainer
