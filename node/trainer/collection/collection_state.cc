#include "node/trainer/collection/collection_state.h"

#include <fcntl.h>

#include <exception>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "node/trainer/audio/audio_file.h"

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

absl::Status Damaged(absl::string_view why) {
  return absl::DataLossError(
      absl::StrCat("the trainer's record of its recordings is damaged; restore recordings.json from a "
                   "backup, or remove it to give "
                   "all recordings new ids and a new split: ",
                   why));
}

// A whole number of at least `lowest`; conversions of JSON would round and wrap others.
absl::StatusOr<int64_t> IntegerFrom(const json& members, const char* name, int64_t lowest) {
  const json& value = members.at(name);
  if (value.is_number_integer() && value.get<int64_t>() >= lowest) return value.get<int64_t>();
  return Damaged(absl::StrCat("impossible value of ", name));
}

absl::StatusOr<KnownRecording> RecordingFrom(const json& members) {
  KnownRecording recording{members.at("id"), members.at("tradition"), Split::kTraining};
  const std::string split = members.at("split");
  if (split == SplitName(Split::kTraining)) return recording;
  recording.split = Split::kHoldout;
  if (split == SplitName(Split::kHoldout)) return recording;
  return Damaged("neither training nor holdout");  // guessing would train on what others are measured with
}

absl::StatusOr<KnownFile> FileFrom(const json& members) {
  KnownFile file;
  ASSIGN_OR_RETURN(const int64_t bytes, IntegerFrom(members, "bytes", 0));
  file.bytes = static_cast<uint64_t>(bytes);
  ASSIGN_OR_RETURN(file.modified_ns,
                   IntegerFrom(members, "modified_ns", std::numeric_limits<int64_t>::min()));
  if (members.contains("problem")) {
    file.problem = members.at("problem");
    file.problem_id = members.at("problem_id");
    return file;
  }
  file.facts.audio_digest = members.at("audio");
  ASSIGN_OR_RETURN(file.facts.frames, IntegerFrom(members, "frames", 0));
  ASSIGN_OR_RETURN(const int64_t rate, IntegerFrom(members, "sample_rate_hz", 1));
  if (rate > AudioFile::kMaxRateHz) return Damaged("impossible value of sample_rate_hz");
  file.facts.sample_rate_hz = static_cast<int>(rate);
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
      ASSIGN_OR_RETURN(state.recordings[audio], RecordingFrom(members));
    }
    for (const auto& [file, members] : document.at("files").items()) {
      ASSIGN_OR_RETURN(state.files[file], FileFrom(members));
    }
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
